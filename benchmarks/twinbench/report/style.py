"""How all tables and pictures look."""

from collections.abc import Sequence
from itertools import cycle
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

VERDICT_STYLES: Final = {
    "lower": "bold green", "higher": "bold red", "equivalent": "cyan", "inconclusive": "dim",
}  # fmt: skip

# Okabe & Ito's palette: told apart by every kind of colour vision, and in print. An arm keeps its
# colour in every picture.
_COLOURS: Final = {
    "monolith": "#0072B2", "microservices": "#D55E00", "modulith": "#009E73",
    "groups": "#CC79A7",
}  # fmt: skip
_OTHERS: Final = ("#E69F00", "#56B4E9")


def arm_colours(arms: Sequence[str]) -> dict[str, str]:
    """One colour per arm, in the order given."""
    others = cycle(_OTHERS)
    return {arm: _COLOURS.get(arm) or next(others) for arm in arms}
