"""Waits against the offered rate, with what was promised and where the curve turns up."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twinbench.analysis.blocks import Stage, typical
from twinbench.analysis.capacity import Objective
from twinbench.analysis.levels import positive_level
from twinbench.analysis.load import KNEE_TIMES, crossing, knee, waits_by_rate
from twinbench.report.figures.canvas import (
    FAINT,
    INK,
    Absent,
    Picture,
    apart,
    log_ticks,
    sheet,
    styled,
)
from twinbench.report.style import arm_colours

NAME: Final = "latency-against-load"
_FEWEST_RATES: Final = 2
_PANELS: Final = (50, 95, 99)
_LINE_OF_PRINT: Final = 1.28  # the factor on a log scale that one line of print takes here

Curves = Mapping[str, Mapping[float, Sequence[float]]]
"""Milliseconds per block, by arm and rate."""


@styled
def latency_against_load(
    found: Sequence[Stage], objective: Objective | None = None
) -> Picture | Absent:
    """p50, p95 and p99 of all requests over the offered rate, with intervals over blocks."""
    promised = objective or Objective()
    curves = {f"p{share:g}": waits_by_rate(found, share) for share in _PANELS}
    key = f"p{promised.percentile:g}"
    arms = list(dict.fromkeys(arm for stage in found for arm in stage.arms))
    if len(found) < _FEWEST_RATES or not curves.get(key):
        return Absent(
            NAME, "one rate makes no curve: ./twinbench run latency --profile standard has several."
        )
    finding = _finding(curves[key], promised)
    note = (
        "All requests together, from the instant at which each ought to have left. Bands: 95 % "
        f"intervals over blocks. Knee: where the {key} is {KNEE_TIMES:g} times that at the lowest "
        "rate. Both scales of waits are logarithmic."
    )
    figure = sheet(4.4, finding=finding, note=note)
    panels = [measure for measure, own in curves.items() if own]
    widths = [1.7 if measure == key else 1.0 for measure in panels]
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False, width_ratios=widths)[0]
    for axis, measure in zip(axes, panels, strict=True):
        _draw(axis, measure, curves[measure], arms)
    at = panels.index(key)
    _promise(axes[at], curves[key], promised, arms)
    axes[0].set_ylabel("wait, ms (log scale)")
    axes[at].set_xlabel("journeys offered per second")
    log_ticks(axes[0], "y")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(axis: Axes, measure: str, curves: Curves, arms: Sequence[str]) -> None:
    colours = arm_colours(arms)
    for arm, curve in curves.items():
        levels = {rate: positive_level(column) for rate, column in curve.items()}
        known = {rate: level for rate, level in levels.items() if np.isfinite(level.value)}
        rates = list(known)
        axis.plot(
            rates, [level.value for level in known.values()], "-o",
            color=colours[arm], linewidth=1.8, markersize=3.5,
        )  # fmt: skip
        sure = {rate: level for rate, level in known.items() if np.isfinite(level.high)}
        axis.fill_between(
            list(sure), [level.low for level in sure.values()],
            [level.high for level in sure.values()], color=colours[arm], alpha=0.18, linewidth=0,
        )  # fmt: skip
    axis.set_title(measure)


def _promise(axis: Axes, curves: Curves, objective: Objective, arms: Sequence[str]) -> None:
    """The limit as a line, every arm's name at its curve's end and its knee at the foot."""
    colours = arm_colours(arms)
    rates = sorted({rate for curve in curves.values() for rate in curve})
    axis.set_xlim(rates[0] - 0.03 * rates[-1], rates[-1] * 1.42)
    axis.axhline(objective.limit_ms, color=INK, linewidth=1, linestyle="--")
    axis.annotate(
        f"promised: {objective.limit_ms:g} ms", (1.0, objective.limit_ms), xytext=(-2, -3),
        xycoords=("axes fraction", "data"), textcoords="offset points", ha="right", va="top",
        fontsize=8.5, color=INK,
    )  # fmt: skip
    ends = {arm: end for arm, curve in curves.items() if (end := _end(curve))}
    heights = np.exp(apart([float(np.log(y)) for _, y in ends.values()], np.log(_LINE_OF_PRINT)))
    for (arm, (x, _)), height in zip(ends.items(), heights, strict=True):
        axis.annotate(
            arm, (x, height), xytext=(6, 0), textcoords="offset points", color=colours[arm],
            fontsize=9, weight="bold", va="center",
        )  # fmt: skip
    knees = {arm: knee(list(curve), _typical(curve)) for arm, curve in curves.items()}
    for line, (arm, place) in enumerate((arm, at) for arm, at in knees.items() if at is not None):
        axis.axvline(place, color=colours[arm], linewidth=1, linestyle=":")
        axis.annotate(
            f"knee {place:.3g}", (place, 0.02 + 0.065 * line), xytext=(3, 0),
            xycoords=("data", "axes fraction"), textcoords="offset points",
            color=colours[arm], fontsize=8.5,
        )  # fmt: skip
    if all(place is None for place in knees.values()):
        axis.annotate(
            "no knee within these rates", (0.02, 0.02), xycoords="axes fraction", fontsize=8.5,
            color=FAINT,
        )  # fmt: skip


def _end(curve: Mapping[float, Sequence[float]]) -> tuple[float, float] | None:
    """Where a curve was last seen."""
    ends = zip(curve, _typical(curve), strict=True)
    return max((end for end in ends if np.isfinite(end[1])), default=None)


def _typical(curve: Mapping[float, Sequence[float]]) -> list[float]:
    return [typical(column) for column in curve.values()]


def _finding(curves: Curves, objective: Objective) -> str:
    said = []
    for arm, curve in curves.items():
        rates, waits = list(curve), _typical(curve)
        at = crossing(rates, waits, objective.limit_ms)
        if at is None:
            said.append(f"{arm} more than {rates[-1]:.3g}")
        elif waits[0] >= objective.limit_ms:
            said.append(f"{arm} fewer than {rates[0]:.3g}")
        else:
            said.append(f"{arm} {at:.3g}")
    return (
        f"Journeys a second with p{objective.percentile:g} of all requests within "
        f"{objective.limit_ms:g} ms: {', '.join(said)}."
    )
