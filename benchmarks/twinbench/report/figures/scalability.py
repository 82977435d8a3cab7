"""Capacity over CPU budgets, with the scalability law that was fitted to it."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twinbench.analysis.levels import positive_level
from twinbench.analysis.scalability import ScalabilityLaw, band
from twinbench.analysis.scaling import BUDGETS, Reach, Scaling
from twinbench.report.figures.canvas import FAINT, Absent, Picture, apart, reach, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount

NAME: Final = "scalability"
_FEWEST: Final = 2
_STEPS: Final = 80
_FURTHEST: Final = 1.5
_LINE_OF_PRINT: Final = 0.06  # of the axis' height


@styled
def scalability_law(found: Scaling) -> Picture | Absent:
    """Of every arm its capacities, the law's curve with its band, and growth in proportion."""
    own = [one for one in found.reaches if one.factor == BUDGETS and one.served]
    if len({one.level for one in own}) < _FEWEST:
        return Absent(
            NAME,
            "capacity at one CPU budget makes no curve: ./twinbench run scaling --profile quick "
            "climbs at four of them.",
        )
    finding = _finding(found)
    note = (
        "Capacity: the highest step of a staircase of rates within the objective. Dots: means "
        "over blocks, with 95 % intervals where there are two or more. Curves: the Universal "
        "Scalability Law, fitted over four budgets or more, with its 95 % band; dotted: growth in "
        "proportion. A budget is time on the arm's cores, not a number of cores."
    )
    figure = sheet(4.4, finding=finding, note=note)
    axis = figure.subplots()
    arms = list(dict.fromkeys(one.arm for one in own))
    top = max(max(_high(one), one.capacity or 0.0) for one in own)
    for arm, colour in arm_colours(arms).items():
        _draw(axis, found, [one for one in own if one.arm == arm], colour)
    _names(axis, found, own, arms, top)
    axis.set_xlim(0, max(one.level for one in own) * found.cores * 1.42)
    axis.set_ylim(0, top * 1.12)
    axis.set_xlabel("CPUs of the arm's budget")
    axis.set_ylabel("journeys per second within the objective")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(axis: Axes, found: Scaling, own: Sequence[Reach], colour: str) -> None:
    for one in own:
        level = positive_level([served.capacity for served in one.served])
        axis.errorbar(
            one.level * found.cores, level.value, yerr=reach(level)[0], fmt="o", color=colour,
            capsize=3, markersize=5, linewidth=1.2,
        )  # fmt: skip
    law = found.laws.get(own[0].arm) if own else None
    if law is None:
        return
    points = [(o.level * found.cores / found.unit, s.capacity) for o in own for s in o.served]
    sizes, throughputs = zip(*points, strict=True)
    drawn = np.linspace(min(sizes), max(sizes), _STEPS)
    low, high = band(law, sizes, throughputs, drawn.tolist())
    cpus = drawn * found.unit
    axis.plot(cpus, [law.throughput(size) for size in drawn], color=colour, linewidth=1.8)
    axis.fill_between(cpus, low, high, color=colour, alpha=0.16, linewidth=0)
    axis.plot(cpus, law.rate.value * drawn, ":", color=colour, linewidth=1)


def _names(
    axis: Axes, found: Scaling, own: Sequence[Reach], arms: Sequence[str], top: float
) -> None:
    """At the curves' ends, with what the law says of them."""
    colours = arm_colours(arms)
    last = {one.arm: one for one in sorted(own, key=lambda one: one.level)}
    places = apart([last[arm].capacity or 0.0 for arm in arms], 2 * _LINE_OF_PRINT * top)
    for arm, place in zip(arms, places, strict=True):
        law = found.laws.get(arm)
        told = "no law: fewer than four budgets" if law is None else _parameters(law)
        x = last[arm].level * found.cores
        axis.annotate(
            arm, (x, place), xytext=(9, 0), textcoords="offset points", color=colours[arm],
            weight="bold", fontsize=9.5, va="bottom",
        )  # fmt: skip
        axis.annotate(
            told, (x, place), xytext=(9, -1), textcoords="offset points", color=FAINT,
            fontsize=8, va="top",
        )  # fmt: skip


def _parameters(law: ScalabilityLaw) -> str:
    return f"contention {law.contention.value:.2f}, coherency {law.coherency.value:.3f}"


def _high(one: Reach) -> float:
    """What its interval may take of the axis: one over two blocks can reach beyond all sense."""
    served = one.capacity or 0.0
    return min(one.high, _FURTHEST * served) if np.isfinite(one.high) else served


def _finding(found: Scaling) -> str:
    said = []
    for arm in dict.fromkeys(one.arm for one in found.reaches):
        own = sorted(
            (one for one in found.reaches if (one.factor, one.arm) == (BUDGETS, arm)),
            key=lambda one: one.level,
        )
        known = [one for one in own if one.capacity is not None]
        if len(known) >= _FEWEST:
            first, last = known[0], known[-1]
            more = (last.capacity or 0.0) / (first.capacity or 1.0)
            said.append(
                f"{last.level / first.level:.3g} times the CPU make {amount(more)} times the "
                f"capacity of the {arm}"
            )
    return f"{'; '.join(said) or 'No arm has a capacity at two budgets'}."
