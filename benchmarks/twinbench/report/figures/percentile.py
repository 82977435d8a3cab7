"""Any percentile of any request or journey, side by side."""

from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twinbench.analysis.levels import positive_level
from twinbench.analysis.slices import Slice
from twinbench.report.figures.canvas import INK, Absent, Picture, reach, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount

NAME: Final = "percentile"


@styled
def percentile_bars(found: Slice) -> Picture | Absent:
    """A bar per arm and subject, with its interval over blocks."""
    if not found.columns:
        return Absent(NAME, f"too few samples beyond p{found.percentile:g}: ask for a lower one.")
    arms = list(dict.fromkeys(arm for _, arm in found.columns))
    subjects = list(dict.fromkeys(subject for subject, _ in found.columns))
    finding = _finding(found, subjects)
    note = (
        f"p{found.percentile:g} of each {found.kind} at {found.rate:g} journeys a second, per "
        "trial first, then the geometric mean over blocks. Bars: 95 % intervals over blocks."
    )
    figure = sheet(1.5 + (0.2 + 0.26 * len(arms)) * len(subjects), finding=finding, note=note)
    axis = figure.subplots()
    for lane, (arm, colour) in enumerate(arm_colours(arms).items()):
        for place, subject in enumerate(subjects):
            y = place + (lane - (len(arms) - 1) / 2) * 0.8 / len(arms)
            if column := found.columns.get((subject, arm)):
                _draw(axis, y, column, (arm, colour), 0.74 / len(arms))
    axis.set_yticks(range(len(subjects)), subjects)
    axis.set_ylim(len(subjects) - 0.45, -0.55)
    axis.margins(x=0.24)
    axis.set_xlim(left=0)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("ms")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(
    axis: Axes, y: float, column: tuple[float, ...], arm: tuple[str, str], height: float
) -> None:
    name, colour = arm
    if not np.all(np.isfinite(column)):
        axis.annotate(f"{name}: some never ended", (0, y), va="center", fontsize=8, color=colour)
        return
    level = positive_level(column)
    axis.barh(y, level.value, height=height, color=colour)
    error, bounded = reach(level)
    axis.errorbar(level.value, y, xerr=error, fmt="none", ecolor=INK, capsize=3, linewidth=1)
    axis.annotate(
        f"{amount(level.value)} {name}", (level.high if bounded else level.value, y),
        xytext=(6, 0), textcoords="offset points", va="center", fontsize=8, color=colour,
    )  # fmt: skip


def _finding(found: Slice, subjects: list[str]) -> str:
    longest = max(
        (item for item in found.columns.items() if np.all(np.isfinite(item[1]))),
        key=lambda item: float(np.mean(item[1])),
        default=None,
    )
    if longest is None:
        return f"p{found.percentile:g}: some of every {found.kind} never ended."
    (subject, arm), column = longest
    return (
        f"p{found.percentile:g} of {len(subjects)} kinds of {found.kind}: the longest is "
        f"“{subject}” in the {arm}, {amount(positive_level(column).value)} ms."
    )
