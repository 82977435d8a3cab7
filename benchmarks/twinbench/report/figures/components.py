"""What each component of an arm holds and uses."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from twinbench.analysis.comparison import Comparison
from twinbench.analysis.levels import Level, positive_level
from twinbench.analysis.samples import component_figures, final_trials
from twinbench.report.figures.canvas import INK, Absent, Picture, columns, reach, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount
from twinbench.results.store import Run

NAME: Final = "components"
# How far a segment's colour is mixed with white: neighbours differ, an arm keeps its hue.
_TINTS: Final = (0.0, 0.35, 0.6)
_DARK: Final = 0.28  # up to which luminance white print can be read
_LUMINANCE: Final = (0.2126, 0.7152, 0.0722)
_LETTER: Final = 0.0088  # of the axis' width that a letter of a label takes
_ROOM: Final = 1.12
_FURTHEST: Final = 1.4  # of a bar, beyond which its interval is cut

Parts = Mapping[str, float]


@styled
def components(run: Run, comparison: Comparison, rate: float) -> Picture | Absent:
    """Memory and CPU time per journey by component, stacked, at one offered rate."""
    trials = [t.number for t in final_trials(run) if t.rate == rate and t.valid]
    figures = component_figures(run, trials)
    if not figures:
        return Absent(NAME, f"no valid trial at {rate:g} journeys a second.")
    memory = {arm: {n: pss / 1e6 for n, (_, pss) in own.items()} for arm, own in figures.items()}
    cpu = {arm: {n: 1000 * c / rate for n, (c, _) in own.items()} for arm, own in figures.items()}
    finding = _finding(memory, comparison)
    note = (
        f"At {rate:g} journeys a second. Memory is the proportional set size, the median over "
        "trials; CPU is processor time per journey. Lines at the ends: 95 % intervals of the whole "
        "arm over blocks. Small parts are drawn without their names."
    )
    figure = sheet(1.4 + 0.95 * len(memory), finding=finding, note=note)
    upper, lower = figure.subplots(2, 1)
    levels = columns(comparison.rows)
    arms = comparison.arms
    stacked_bars(upper, memory, _known(levels.get((rate, "memory", ""), {})), arms)
    upper.set_title("memory, MB")
    stacked_bars(lower, cpu, _known(levels.get((rate, "CPU", ""), {})), arms)
    lower.set_title("CPU-ms per journey")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _known(blocks: Mapping[str, Sequence[float]]) -> dict[str, Level]:
    return {arm: positive_level(column) for arm, column in blocks.items()}


def stacked_bars(
    axis: Axes, arms: Mapping[str, Parts], levels: Mapping[str, Level], order: Sequence[str]
) -> None:
    """A bar of each arm's parts, the largest first, with the interval of the whole."""
    shown = [arm for arm in order if arm in arms]
    wholes = {arm: sum(arms[arm].values()) for arm in shown}
    ends = {arm: whole * _stretch(levels.get(arm)) for arm, whole in wholes.items()}
    widest = _ROOM * max(ends.values())
    for place, arm in enumerate(shown):
        parts = {name.removeprefix(f"{arm}-"): width for name, width in arms[arm].items()}
        whole = _stack(axis, place, parts, arm_colours(order)[arm], widest)
        level = levels.get(arm)
        if level is not None:
            below, above = (whole / level.value * edge[0] for edge in reach(level)[0])
            axis.errorbar(
                whole, place + 0.24, xerr=[[below], [above]], fmt="none", ecolor=INK, capsize=4,
                linewidth=1.2,
            )  # fmt: skip
            whole = ends[arm]
        axis.annotate(
            amount(whole if level is None else level.value), (whole, place), xytext=(6, 0),
            textcoords="offset points", va="center", weight="bold", fontsize=9.5,
        )  # fmt: skip
    axis.set_xlim(0, widest)
    axis.set_yticks(range(len(shown)), shown)
    axis.set_ylim(len(shown) - 0.5, -0.5)
    axis.grid(axis="y", visible=False)


def _stretch(level: Level | None) -> float:
    """Where an interval ends, in times of its bar."""
    if level is None or level.high == float("inf"):
        return 1.0
    return min(level.high / level.value, _FURTHEST)


def _stack(axis: Axes, place: int, parts: Parts, colour: str, widest: float) -> float:
    """The largest first; names only where they fit. Returns where the bar ends."""
    left = 0.0
    ordered = sorted(parts.items(), key=lambda part: -part[1])
    for number, (name, width) in enumerate(ordered):
        tint = _TINTS[number % len(_TINTS)]
        red, green, blue = (own + (1 - own) * tint for own in to_rgb(colour))
        axis.barh(
            place, width, left=left, height=0.66, color=(red, green, blue), edgecolor="white",
            linewidth=0.8,
        )  # fmt: skip
        if width / widest > _LETTER * (len(name) + 1):
            axis.annotate(
                name, (left + width / 2, place), ha="center", va="center", fontsize=7.5,
                color="white" if _luminance((red, green, blue)) <= _DARK else "black",
            )  # fmt: skip
        left += width
    return left


def _luminance(colour: Iterable[float]) -> float:
    """As WCAG 2 has it, with its gamma rounded."""
    return sum(part * math.pow(own, 2.2) for part, own in zip(_LUMINANCE, colour, strict=True))


def _finding(memory: Mapping[str, Parts], comparison: Comparison) -> str:
    said = [
        f"{arm} {sum(memory[arm].values()):,.0f} MB in {len(memory[arm])} components"
        for arm in comparison.arms
        if arm in memory
    ]
    return f"Memory held: {', '.join(said)}."
