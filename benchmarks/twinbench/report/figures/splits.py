"""What the same code takes in ever more processes: the price of each further split."""

import math
from collections.abc import Sequence
from itertools import pairwise
from textwrap import fill
from typing import Final

from matplotlib.axes import Axes

from twinbench.analysis.attribution import MONOLITH
from twinbench.analysis.levels import Level
from twinbench.analysis.simplicity import WHOLE, Known, Simplicity, Split
from twinbench.report.figures.canvas import (
    FAINT,
    INK,
    Absent,
    Picture,
    name_arms,
    reach,
    sheet,
    styled,
)
from twinbench.report.style import arm_colours
from twinbench.report.words import amount

NAME: Final = "price-of-splits"
# What people must do and know first, then what machines must have.
_DRAWN: Final = (
    "steps", "settings", "connections", "locked_lines", "start_s", "first_start_s", "memory_bytes",
    "idle_cpu_ms_per_s", "environment_bytes", "data_bytes",
)  # fmt: skip
_TOLD: Final = ("memory_bytes", "settings")
_PANELS: Final = 9
_ACROSS: Final = 3
_ROOM: Final = 1.3
_TITLE_LETTERS: Final = 30


@styled
def price_of_splits(found: Simplicity) -> Picture | Absent:
    """A curve over processes for each figure, and the price of a further one on each stretch."""
    by_name = {one.known.name: one for one in found.splits}
    drawn = [by_name[name] for name in _DRAWN if name in by_name][:_PANELS]
    if not drawn:
        return Absent(
            NAME,
            "no two arms of the same code in this run: ./twinbench run simplicity has them in one "
            "process, in three and in eight.",
        )
    finding = _finding(found, drawn)
    note = (
        "Dots: the same code in so many processes; slanted print: what each further process adds "
        "on that stretch. Dashed: the monolith, other code in processes of its own, for "
        "comparison. Counts are exact; bars: 95 % intervals over blocks, where there are two or "
        "more."
    )
    rows = math.ceil(len(drawn) / _ACROSS)
    figure = sheet(1.6 + 1.75 * rows, finding=finding, note=note)
    axes = figure.subplots(rows, _ACROSS, squeeze=False).flatten().tolist()
    for axis in axes[len(drawn) :]:
        axis.set_visible(False)
    _name(axes[0], [MONOLITH, *(arm for arm, _ in found.grouped)])
    for place, (axis, split) in enumerate(zip(axes, drawn, strict=False)):
        _draw(axis, found, split)
        room = "\n" if place < _ACROSS else ""  # for the arms' names
        axis.set_title(f"{room}{_title(split.known)}", fontsize=9)
    for axis in axes[max(0, len(drawn) - _ACROSS) : len(drawn)]:
        axis.set_xlabel("processes of the code", fontsize=8.5)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _name(axis: Axes, arms: Sequence[str]) -> None:
    """Over the first panel and beyond, which must not make it wider than the others."""
    name_arms(axis, arms, above=20)
    for text in axis.texts:
        text.set_in_layout(False)


def _draw(axis: Axes, found: Simplicity, split: Split) -> None:
    levels = _levels(found, split.known)
    sizes = [size for _, size in found.grouped]
    colours = arm_colours([MONOLITH, *(arm for arm, _ in found.grouped)])
    axis.plot(sizes, split.values, color=FAINT, linewidth=1.2, zorder=1)
    for arm, size in found.grouped:
        level = levels[arm]
        axis.errorbar(size, level.value, yerr=reach(level)[0], fmt="o", color=colours[arm],
                      ecolor=INK, capsize=2, linewidth=1, markersize=6)  # fmt: skip
    if MONOLITH in levels:
        axis.axhline(levels[MONOLITH].value, color=colours[MONOLITH], linestyle="--", linewidth=1.3)
    top = _ROOM * max([*split.values, *(level.value for level in levels.values())])
    axis.set_ylim(0, top or 1.0)
    axis.set_xlim(-0.8, max(sizes) + 0.8)
    axis.set_xticks(sizes)
    axis.tick_params(labelsize=8)
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.6g}")
    _prices(axis, sizes, split)


def _title(known: Known) -> str:
    return fill(f"{known.words}, {known.unit}" if known.unit else known.words, _TITLE_LETTERS)


def _prices(axis: Axes, sizes: Sequence[int], split: Split) -> None:
    """On each stretch, above its line."""
    ends = zip(pairwise(sizes), pairwise(split.values), split.prices, strict=True)
    for (fewer, more), (earlier, later), price in ends:
        axis.annotate(
            _signed(price), ((fewer + more) / 2, (earlier + later) / 2), xytext=(-2, 5),
            textcoords="offset points", ha="right" if price > 0 else "center", fontsize=8,
            color=INK, style="italic",
        )  # fmt: skip


def _signed(price: float) -> str:
    sign = "-" if price < 0 else "+" if price else ""
    return f"{sign}{amount(abs(price))}" if price else "0"


def _levels(found: Simplicity, known: Known) -> dict[str, Level]:
    return {
        arm: level
        for line in found.lines
        if line.known.name == known.name and line.part in {"", WHOLE}
        for arm, level in line.by_arm.items()
    }


def _finding(found: Simplicity, drawn: Sequence[Split]) -> str:
    (_, first), (_, last) = found.grouped[0], found.grouped[-1]
    before = found.grouped[-2][1]
    by_name = {one.known.name: one for one in drawn}
    told = [by_name[name] for name in _TOLD if name in by_name] or list(drawn[:1])
    said = [
        f"{one.known.words} {_plain(one, 0)} to {_plain(one, -1)} ({_signed(one.prices[-1])} for "
        f"each beyond {before})"
        for one in told
    ]
    return f"The same code in {first} process and in {last}: {'; '.join(said)}."


def _plain(split: Split, place: int) -> str:
    value = split.values[place]
    return f"{amount(value)} {split.known.unit}" if split.known.unit else f"{value:,.0f}"
