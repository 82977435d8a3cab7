"""How all tables look."""

from typing import Final, Literal, TypedDict

from rich import box


class TableStyle(TypedDict):
    title_justify: Literal["left"]
    title_style: str
    header_style: str
    box: box.Box
    collapse_padding: bool


TABLE_STYLE: Final[TableStyle] = {
    "title_justify": "left",
    "title_style": "bold",
    "header_style": "bold",
    "box": box.SIMPLE_HEAD,
    "collapse_padding": True,
}
