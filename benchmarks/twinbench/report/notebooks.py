"""Runs a notebook from top to bottom and hands over what it shows.

In this process, with no kernel: a cell is executed, and the value of its last line is shown by what
it offers of itself, as Jupyter does. Our notebooks hold no magic and no logic, so this is all that
they need, and a report needs none of Jupyter's packages (decision 20).
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import orjson

PARAMETERS: Final = "parameters"


@dataclass(frozen=True, slots=True)
class Piece:
    """What one cell shows; `description` is what is read out in place of a picture."""

    kind: Literal["markdown", "html", "svg"]
    text: str
    description: str = ""


def cells_of(notebook: Path) -> list[dict[str, Any]]:
    """Its cells, `source` joined. Raises OSError or ValueError for what is no notebook."""
    document = orjson.loads(notebook.read_bytes())
    return [cell | {"source": "".join(cell["source"])} for cell in document["cells"]]


def play(notebook: Path, parameters: Mapping[str, object] | None = None) -> Iterator[Piece]:
    """The pieces, in order. `parameters` go in after the cell that is tagged so.

    Raises whatever a cell raises.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells_of(notebook), start=1):
        if cell["cell_type"] == "markdown":
            yield Piece("markdown", cell["source"])
            continue
        value = _execute(cell["source"], f"{notebook.name}, cell {number}", names)
        if PARAMETERS in cell["metadata"].get("tags", ()):
            names |= parameters or {}
        if value is not None:
            yield _shown(value)


def _execute(source: str, where: str, names: dict[str, Any]) -> object:
    """The value of the last line, if that is an expression."""
    tree = ast.parse(source, where)
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr):
        exec(compile(tree, where, "exec"), names)  # noqa: S102 - the project's own notebooks
        return None
    body = ast.Module(tree.body[:-1], type_ignores=[])
    exec(compile(body, where, "exec"), names)  # noqa: S102
    value: object = eval(compile(ast.Expression(last.value), where, "eval"), names)  # noqa: S307
    return value


def _shown(value: object) -> Piece:
    """By the best that the value offers, as Jupyter chooses."""
    if draw := getattr(value, "_repr_svg_", None):
        return Piece("svg", draw(), getattr(value, "description", ""))
    if write := getattr(value, "_repr_html_", None):
        return Piece("html", write())
    raise TypeError(f"a cell ends with a {type(value).__name__}, which shows nothing of itself")
