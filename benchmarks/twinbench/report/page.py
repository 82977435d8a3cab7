"""One page of everything: the notebooks, executed and without their code, in one file."""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from importlib import resources
from itertools import count
from pathlib import Path
from string import Template
from typing import Final

from markdown_it import MarkdownIt

from twinbench.paths import CHECKOUT
from twinbench.report.notebooks import Piece, play
from twinbench.results.choosing import MissingRunError
from twinbench.results.schema import IncompatibleRunError
from twinbench.results.store import Run

NOTEBOOKS: Final = CHECKOUT / "notebooks"
# In the page's order: the answer first, where it comes from last. A claim joins by its name.
CHAPTERS: Final = (
    "00_scoreboard", "latency", "capacity", "scaling", "deployment", "resilience", "consistency",
    "modularity", "decentralization",
    "simplicity", "hops", "floors", "how_it_was_measured",
)  # fmt: skip
_TITLE: Final = re.compile(r"^# (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Chapter:
    name: str
    title: str
    body: str


def write_page(run: Run, *, notebooks: Path = NOTEBOOKS) -> Path:
    """The report on a run and on the newest runs of the other experiments beside it.

    As report.html in the run's folder. Raises OSError.
    """
    numbers = count(1)
    chapters = [
        _chapter(notebooks / f"{name}.ipynb", run.folder.resolve(), numbers) for name in CHAPTERS
    ]
    page = run.folder / "report.html"
    page.write_text(render(run, chapters), "utf-8")
    return page


def render(run: Run, chapters: Iterable[Chapter]) -> str:
    """The whole page."""
    own = list(chapters)
    pages = resources.files("twinbench.report")
    contents = "".join(f'<li><a href="#{one.name}">{escape(one.title)}</a></li>' for one in own)
    body = "".join(f'<section id="{one.name}">{one.body}</section>' for one in own)
    return Template((pages / "page.html").read_text("utf-8")).substitute(
        style=(pages / "page.css").read_text("utf-8"),
        title=f"Twinbench: {escape(run.folder.name)}",
        begun=run.document["started_at"][:10],
        arms=escape(", ".join(run.document["configuration"].get("arms", ()))),
        contents=contents,
        body=body,
    )


def _chapter(notebook: Path, folder: Path, numbers: Iterator[int]) -> Chapter:
    """What a missing run leaves out is said in its place."""
    shown: list[Piece] = []
    try:
        shown.extend(play(notebook, {"RUN": str(folder)}))
    except (MissingRunError, IncompatibleRunError) as missing:
        shown.append(
            Piece("html", f'<p class="absent"><strong>Missing:</strong> {escape(str(missing))}</p>')
        )
    title = next((m[1] for piece in shown if (m := _TITLE.search(piece.text))), notebook.stem)
    return Chapter(
        notebook.stem.lstrip("0123456789_"),
        title,
        "".join(_html(piece, numbers) for piece in shown),
    )


def _html(piece: Piece, numbers: Iterator[int]) -> str:
    if piece.kind == "markdown":
        return _markdown(piece.text)
    if piece.kind == "svg":
        return _figure(piece, next(numbers))
    return piece.text


def _markdown(text: str) -> str:
    """Headings one step down: the page has a title of its own."""
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{int(token.tag[1]) + 1}"
    return str(parser.renderer.render(tokens, parser.options, {}))


def _figure(piece: Piece, number: int) -> str:
    """As an image, so that no two pictures' names for their parts meet."""
    said = escape(piece.description)
    data = b64encode(piece.text.encode()).decode()
    return (
        f'<figure class="scroll" role="region" tabindex="0" aria-label="Figure {number}">'
        f'<img alt="{said}" src="data:image/svg+xml;base64,{data}"></figure>'
    )
