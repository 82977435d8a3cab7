"""Capacity in every case of `scaling`, and what it costs in CPU and memory."""

from collections.abc import Callable, Sequence
from typing import Final

from matplotlib.axes import Axes

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.costs import Cost, costs, worth
from twinbench.analysis.levels import Level
from twinbench.analysis.scaling import Scaling
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
from twinbench.report.words import amount, bounds, case_of, times

NAME: Final = "capacity-and-cost"
_FURTHEST: Final = 1.4  # of the longest bar, beyond which an interval is cut
_PANELS: Final[tuple[tuple[str, Callable[[Cost], Level | None]], ...]] = (
    ("journeys per second", lambda one: one.capacity),
    ("CPU-ms per journey", lambda one: one.cpu_ms),
    ("MB per journey a second", lambda one: one.megabytes),
)


@styled
def capacity_and_cost(found: Scaling) -> Picture | Absent:
    """Three panels of bars, a group per case and a bar per arm."""
    known = costs(found)
    if not known:
        return Absent(NAME, "no climb met the objective: the machine was too busy. Run it again.")
    arms = list(dict.fromkeys(one.arm for one in found.reaches))
    cases = list(dict.fromkeys((one.factor, one.level) for one in found.reaches))
    finding = _finding(found)
    note = (
        "Left: the most that was served within the objective; middle and right: what it cost, "
        "less is better. Means over blocks; bars: 95 % intervals where there are two blocks or "
        "more, cut where they reach far beyond the bars. ≥: the staircase ended first."
    )
    figure = sheet(1.7 + (0.22 + 0.24 * len(arms)) * len(cases), finding=finding, note=note)
    axes = figure.subplots(1, len(_PANELS), sharey=True, squeeze=False)[0]
    for axis, (title, figure_of) in zip(axes, _PANELS, strict=True):
        _draw(axis, found, known, figure_of)
        axis.set_xlabel(title)
    axes[0].set_yticks(range(len(cases)), [case_of(*case, found.cores) for case in cases])
    axes[0].set_ylim(len(cases) - 0.5, -0.5)
    name_arms(axes[0], arms, above=6)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(
    axis: Axes, found: Scaling, known: Sequence[Cost], figure_of: Callable[[Cost], Level | None]
) -> None:
    arms = list(dict.fromkeys(one.arm for one in found.reaches))
    cases = list(dict.fromkeys((one.factor, one.level) for one in found.reaches))
    by_place = {(one.factor, one.level, one.arm): one for one in known}
    longest = max((own.value for one in known if (own := figure_of(one)) is not None), default=1.0)
    for lane, (arm, colour) in enumerate(arm_colours(arms).items()):
        for row, case in enumerate(cases):
            y = row + (lane - (len(arms) - 1) / 2) * 0.8 / len(arms)
            one = by_place.get((*case, arm))
            level = None if one is None else figure_of(one)
            if level is None:
                axis.annotate("none", (0, y), xytext=(4, 0), textcoords="offset points",
                              va="center", fontsize=8, color=FAINT)  # fmt: skip
                continue
            low, high = (edge[0] for edge in reach(level)[0])
            high = min(high, max(_FURTHEST * longest - level.value, 0.0))
            axis.barh(y, level.value, height=0.7 / len(arms), color=colour)
            axis.errorbar(level.value, y, xerr=[[low], [high]], fmt="none", ecolor=INK, capsize=2,
                          linewidth=1)  # fmt: skip
            least = "≥" if figure_of is _PANELS[0][1] and _at_least(found, case, arm) else ""
            axis.annotate(f"{least}{amount(level.value)}", (level.value + high, y), xytext=(4, 0),
                          textcoords="offset points", va="center", fontsize=8)  # fmt: skip
    axis.set_xlim(0, (_FURTHEST + 0.25) * longest)
    axis.grid(axis="y", visible=False)


def _at_least(found: Scaling, case: tuple[str, float], arm: str) -> bool:
    return any(
        one.at_least for one in found.reaches if (one.factor, one.level, one.arm) == (*case, arm)
    )


def _finding(found: Scaling) -> str:
    known = worth(found, arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        said = [
            f"{one.arm} {amount(one.capacity.value)} with "
            f"{case_of(one.factor, one.level, found.cores)}"
            for one in costs(found)
        ]
        return f"Journeys served a second: {', '.join(said)}."
    case = case_of(known.factor, known.level, found.cores)
    return (
        f"With {case} the microservices serve {times(known.per_cpu.ratio)} "
        f"({bounds(known.per_cpu)}) the monolith's journeys for each CPU and "
        f"{times(known.per_gb.ratio)} ({bounds(known.per_gb)}) for each GB."
    )
