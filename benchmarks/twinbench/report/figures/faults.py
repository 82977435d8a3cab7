"""What every fault does to every kind of journey, as one map for each arm."""

from collections.abc import Sequence
from typing import Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.resilience import BASELINE, Cell, Resilience
from twinbench.analysis.struck import ALL
from twinbench.analysis.withstanding import withstood
from twinbench.report.figures.canvas import FAINT, Absent, Picture, sheet, styled
from twinbench.report.style import arm_colours

NAME: Final = "faults"
_MAP: Final = "cividis"  # even in lightness, and the same to every kind of colour vision
_DARK: Final = 0.55  # below which share black print cannot be read on the map's colour


@styled
def fault_matrix(found: Resilience) -> Picture | Absent:
    """The share of journeys that succeeded while a fault held, with its interval in each cell."""
    if not any(cell.fault != BASELINE for cell in found.cells):
        return Absent(NAME, "no fault has a valid trial: the machine was too busy. Run it again.")
    finding = _finding(found)
    note = (
        "In each cell the share of the journeys that came while the fault held and succeeded, in "
        "per cent; below it the 95 % interval (Wilson). Dark: they failed. Crossed: no valid "
        "trial, no such journey, or a fault that this arm cannot have. Peak and overload are rates."
    )
    faults = [fault for fault in found.faults if any(c.fault == fault for c in found.cells)]
    journeys = [ALL, *sorted({cell.journey for cell in found.cells} - {ALL})]
    figure = sheet(1.7 + 0.34 * len(faults), finding=finding, note=note)
    axes = figure.subplots(1, len(found.arms), sharey=True, squeeze=False)[0]
    colours = arm_colours(found.arms)
    for axis, arm in zip(axes, found.arms, strict=True):
        _draw(axis, [one for one in found.cells if one.arm == arm], faults, journeys)
        axis.set_title(arm, color=colours[arm])
    axes[0].set_yticks(np.arange(len(faults)) + 0.5, faults, fontsize=8.5)
    _scale(figure, axes.tolist())
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(
    axis: Axes, cells: Sequence[Cell], faults: Sequence[str], journeys: Sequence[str]
) -> None:
    by_place = {(one.fault, one.journey): one for one in cells}
    shares = np.array(
        [
            [own.success if (own := by_place.get((f, j))) and own.journeys else np.nan
             for j in journeys]
            for f in faults
        ]
    )  # fmt: skip
    axis.pcolormesh(
        np.ma.masked_invalid(shares),
        cmap=mpl.colormaps[_MAP],
        vmin=0,
        vmax=1,
        edgecolor="white",
        linewidth=1,
    )
    for (row, column), share in np.ndenumerate(shares):
        middle = (column + 0.5, row + 0.5)
        if np.isnan(share):
            axis.plot(*middle, "x", color=FAINT, markersize=6)
            continue
        one = by_place[faults[row], journeys[column]]
        ink = "white" if share < _DARK else "black"
        axis.annotate(f"{100 * share:.0f}", middle, ha="center", va="bottom", fontsize=8,
                      color=ink, xytext=(0, -2), textcoords="offset points")  # fmt: skip
        axis.annotate(f"{100 * one.low:.0f}-{100 * one.high:.0f}", middle, ha="center", va="top",
                      fontsize=5.8, color=ink, xytext=(0, -2),
                      textcoords="offset points")  # fmt: skip
    axis.set_xticks(np.arange(len(journeys)) + 0.5, journeys, fontsize=8, rotation=35)
    axis.set_ylim(len(faults), 0)
    axis.grid(visible=False)


def _scale(figure: Figure, axes: list[Axes]) -> None:
    shown = axes[-1].collections[0]
    bar = figure.colorbar(shown, ax=axes, shrink=0.9, pad=0.015, aspect=30)
    bar.set_label("share that succeeded", fontsize=8.5)
    bar.ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    bar.ax.tick_params(labelsize=8)


def _finding(found: Resilience) -> str:
    known = withstood(found, arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        return "Journeys that succeeded while a fault held."
    gap = known.succeeded
    interval = "" if gap.units == 1 else (
        f" (difference {100 * gap.low:+.0f} to {100 * gap.high:+.0f} points)"
    )  # fmt: skip
    held = known.faults[0] if gap.units == 1 else f"one of {gap.units} faults"
    return (
        f"While {held} held, {gap.second:.0%} of journeys succeeded in "
        f"the microservices and {gap.first:.0%} in the monolith{interval}."
    )
