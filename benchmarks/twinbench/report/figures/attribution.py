"""What part of a ratio is the framework's and what part the distribution's, as waterfalls."""

from collections.abc import Sequence
from math import isfinite
from typing import Final

from matplotlib.axes import Axes

from twinbench.analysis.attribution import (
    MICROSERVICES,
    MODULITH,
    MONOLITH,
    Attribution,
    Factor,
)
from twinbench.analysis.comparison import Comparison
from twinbench.analysis.levels import positive_level
from twinbench.report.figures.canvas import INK, Absent, Picture, columns, reach, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount, bounds, times

NAME: Final = "attribution"
_PREFERRED: Final = ("p95", "p50")
_PER_ROW: Final = 2
_FURTHEST: Final = 1.5  # of the tallest bar, beyond which an interval is cut
_STEPS: Final = ("monolith", "framework", "distribution", "micro-\nservices")


@styled
def attribution_waterfall(comparison: Comparison, rate: float) -> Picture | Absent:
    """CPU, memory and every journey's wait: from the monolith by two steps to the microservices."""
    parts = _chosen([part for part in comparison.attribution if part.rate == rate])
    if not parts:
        return Absent(
            NAME,
            f"causes need {MONOLITH}, {MODULITH} and {MICROSERVICES} in one run: "
            "./twinbench run latency measures all three.",
        )
    finding = _finding(parts[0])
    note = (
        f"At {rate:g} journeys a second. The {MODULITH} is the microservices' own code in one "
        "process: from the monolith to it the framework changes, from it to the microservices the "
        "distribution. Bars: 95 % intervals, of a step those of its factor; none for a single "
        "block, and cut where they reach far beyond."
    )
    rows = -(-len(parts) // _PER_ROW)
    figure = sheet(1.2 + 2.2 * rows, finding=finding, note=note)
    axes = figure.subplots(rows, _PER_ROW, squeeze=False).flatten()
    values = columns(comparison.rows)
    for axis, part in zip(axes, parts, strict=False):
        _draw(axis, part, values[rate, part.subject, part.measure])
    for axis in axes[len(parts) :]:
        axis.set_visible(False)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _chosen(parts: Sequence[Attribution]) -> list[Attribution]:
    """CPU and memory, then of each journey the highest percentile up to p95."""
    finite = [part for part in parts if isfinite(part.total.estimate.ratio)]
    arm = [part for part in finite if part.measure == ""]
    journeys = list(dict.fromkeys(part.subject for part in finite if part.measure))
    waits = []
    for journey in journeys:
        own = {part.measure: part for part in finite if part.subject == journey}
        waits += [own[name] for name in _PREFERRED if name in own][:1]
    return [*arm, *waits]


def _draw(axis: Axes, part: Attribution, blocks: dict[str, Sequence[float]]) -> None:
    colours = arm_colours((MONOLITH, MODULITH, MICROSERVICES))
    first, last = positive_level(blocks[MONOLITH]), positive_level(blocks[MICROSERVICES])
    between = first.value * part.framework.estimate.ratio
    for arm, place, level in ((MONOLITH, 0, first), (MICROSERVICES, 3, last)):
        axis.bar(place, level.value, width=0.72, color=colours[arm])
        _interval(axis, place, level.value, reach(level)[0])
    tallest = max(first.value, between, last.value)
    ends = [first.high, last.high]
    for place, (below, above, factor, colour) in enumerate(
        (
            (first.value, between, part.framework, colours[MODULITH]),
            (between, last.value, part.distribution, colours[MICROSERVICES]),
        ),
        start=1,
    ):
        axis.bar(
            place, above - below, bottom=below, width=0.72, color=colour, alpha=0.45,
            edgecolor=colour,
        )  # fmt: skip
        axis.plot([place - 1.36, place - 0.36], [below, below], color=INK, linewidth=0.7)
        _interval(axis, place, above, _of_factor(below, factor))
        ends.append(below * factor.estimate.high)
    top = max([tallest, *(min(end, _FURTHEST * tallest) for end in ends if isfinite(end))])
    axis.plot([2.36, 3.36], [last.value] * 2, color=INK, linewidth=0.7)
    axis.set_ylim(0, top * 1.32)
    for place, text in enumerate(_labels(part, first.value, last.value)):
        axis.annotate(
            text, (place, top * 1.3), ha="center", va="top", fontsize=7.5, color=INK,
        )  # fmt: skip
    axis.set_xticks(range(4), _STEPS, fontsize=7.5)
    axis.grid(axis="x", visible=False)
    axis.set_title(f"{part.subject} {part.measure}".strip())
    axis.set_ylabel("CPU-ms per journey" if part.unit == "CPU-ms" else part.unit, fontsize=8.5)


def _interval(axis: Axes, x: float, y: float, error: list[list[float]]) -> None:
    axis.errorbar(x, y, yerr=error, fmt="none", ecolor=INK, capsize=3, linewidth=1)


def _of_factor(below: float, factor: Factor) -> list[list[float]]:
    known = factor.estimate
    if known.high == float("inf"):
        return [[0.0], [0.0]]
    return [[below * (known.ratio - known.low)], [below * (known.high - known.ratio)]]


def _labels(part: Attribution, first: float, last: float) -> list[str]:
    steps = [
        f"{times(factor.estimate.ratio)}\n{bounds(factor.estimate)}"
        for factor in (part.framework, part.distribution)
    ]
    return [amount(first), *steps, f"{amount(last)}\n{times(part.total.estimate.ratio)}"]


def _finding(part: Attribution) -> str:
    return (
        f"{part.subject}: the microservices take {amount(part.total.estimate.ratio)} times the "
        f"monolith's; the framework makes it {times(part.framework.estimate.ratio)}, the "
        f"distribution {times(part.distribution.estimate.ratio)}."
    )
