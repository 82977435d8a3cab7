"""What all pictures share: how they look, what they are made of, and how they are kept."""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from html import escape
from itertools import pairwise
from pathlib import Path
from textwrap import fill
from typing import Final, ParamSpec, TypeVar

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from twinbench.analysis.comparison import Row
from twinbench.analysis.levels import Level
from twinbench.report.style import arm_colours

P = ParamSpec("P")
T = TypeVar("T")

INK: Final = "#333333"
FAINT: Final = "#6B6B6B"
WIDTH: Final = 8.0  # inches: of every picture, so that print is of one size on the page
_TITLE_LETTERS: Final = 84
_NOTE_LETTERS: Final = 118
_LETTER: Final = 6.4  # points that a letter of an arm's name takes


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn figure. Notebooks and the page show it as SVG; `description` is read out instead."""

    name: str
    finding: str
    description: str
    figure: Figure

    def __post_init__(self) -> None:
        """Lay it out once: a solver finds places that differ in their last digits by chance."""
        self.figure.draw_without_rendering()
        self.figure.set_layout_engine("none")
        for axis in self.figure.axes:
            left, bottom, width, height = (round(edge, 6) for edge in axis.get_position().bounds)
            axis.set_position((left, bottom, width, height))

    def svg(self) -> str:
        target = io.StringIO()
        with style():
            self.figure.savefig(target, format="svg", metadata={"Date": None})
        return target.getvalue()

    def save(self, folder: Path) -> list[Path]:
        """As NAME.svg and NAME.png. Raises OSError."""
        paths = [folder / f"{self.name}{suffix}" for suffix in (".svg", ".png")]
        with style():
            save(self.figure, paths)
        return paths

    def _repr_svg_(self) -> str:
        return self.svg()


@dataclass(frozen=True, slots=True)
class Absent:
    """In place of a picture that these results cannot give: why, and what would give it."""

    name: str
    reason: str

    def _repr_html_(self) -> str:
        return f'<p class="absent"><strong>Not shown:</strong> {escape(self.reason)}</p>'


def style() -> AbstractContextManager[None]:
    """How all pictures look. Letters become outlines: a reader's machine may lack the font."""
    return mpl.rc_context(
        {
            "font.size": 10,
            "axes.titlesize": 10,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.grid": True,
            "axes.axisbelow": True,
            "grid.alpha": 0.25,
            "svg.fonttype": "path",
            "svg.hashsalt": "twinbench",
        }
    )


def styled(draw: Callable[P, T]) -> Callable[P, T]:
    """Of a function that makes a picture: axes take their look when they are made."""

    @wraps(draw)
    def drawn(*arguments: P.args, **options: P.kwargs) -> T:
        with style():
            return draw(*arguments, **options)

    return drawn


def sheet(height: float, *, finding: str, note: str) -> Figure:
    """An empty figure: what was found above, and below what is drawn, in smaller print."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.suptitle(fill(finding, _TITLE_LETTERS), x=0.01, ha="left", weight="bold", fontsize=11.5)
    figure.supxlabel(fill(note, _NOTE_LETTERS), x=0.01, ha="left", fontsize=8.5, color=FAINT)
    return figure


def columns(rows: Iterable[Row]) -> dict[tuple[float, str, str], dict[str, Sequence[float]]]:
    """Figures per block of every arm, by rate, subject and measure."""
    found: dict[tuple[float, str, str], dict[str, Sequence[float]]] = {}
    for row in rows:
        found.setdefault((row.rate, row.subject, row.measure), {}).update(row.figures)
    return found


def reach(level: Level) -> tuple[list[list[float]], bool]:
    """How far an interval reaches down and up, for error bars; False where it is unbounded."""
    bounded = level.high < float("inf") and level.low > -float("inf")
    below, above = (level.value - level.low, level.high - level.value) if bounded else (0.0, 0.0)
    return [[max(below, 0.0)], [max(above, 0.0)]], bounded


def name_arms(axis: Axes, arms: Sequence[str], *, above: float) -> None:
    """In a line over the axis, so many points up: for marks that stand too close to be named."""
    left = 0.0
    for arm, colour in arm_colours(arms).items():
        axis.annotate(
            arm, (0, 1), xycoords="axes fraction", xytext=(left, above),
            textcoords="offset points", color=colour, weight="bold", fontsize=9.5,
        )  # fmt: skip
        left += _LETTER * (len(arm) + 2)


def log_ticks(axis: Axes, which: str) -> None:
    """A log scale with 1, 2 and 5 of every decade in plain figures."""
    side = axis.xaxis if which == "x" else axis.yaxis
    (axis.set_xscale if which == "x" else axis.set_yscale)("log")
    side.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    side.set_major_formatter(lambda value, _: f"{value:,.6g}")
    side.set_minor_formatter(NullFormatter())


def apart(places: Sequence[float], least: float) -> list[float]:
    """The same places in the same order, moved up where two are nearer than `least`."""
    order = sorted(range(len(places)), key=places.__getitem__)
    moved = list(places)
    for lower, upper in pairwise(order):
        moved[upper] = max(moved[upper], moved[lower] + least)
    return moved


def save(figure: Figure, paths: Sequence[Path]) -> None:
    """Write it to every path, in the format of its suffix; the same figure, the same file."""
    for path in paths:
        figure.savefig(path, dpi=150, metadata=_undated(path))


def _undated(path: Path) -> Mapping[str, str | None] | None:
    """Without its date the same run gives the same file."""
    return {"Date": None} if path.suffix == ".svg" else None
