"""For how long each effect is missing after its cause was acknowledged."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from twinbench.analysis.agreement import agreement, levels_of, medians_of
from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.consistency import PARTS, Consistency, EffectWindow
from twinbench.analysis.levels import Level
from twinbench.report.figures.canvas import (
    FAINT,
    INK,
    Absent,
    Picture,
    log_ticks,
    name_arms,
    reach,
    sheet,
    styled,
)
from twinbench.report.style import arm_colours
from twinbench.report.words import bounds, times
from twinbench.results.store import Run

NAME: Final = "windows"
_TITLES: Final = {"idle": "with nothing else to do", "load": "under load"}
_NEVER: Final = 3.0  # where what was never seen stands, in times of the longest that was

Levels = Mapping[tuple[str, str, str], Level]


@styled
def inconsistency_windows(run: Run, found: Consistency) -> Picture | Absent:
    """Of every effect and arm p50, p99 and the longest, idle and under load."""
    known = [one for one in found.windows if np.isfinite(one.p50)]
    if not known:
        return Absent(NAME, "no effect was waited for long enough to be seen. Run it again.")
    effects = list(dict.fromkeys(one.effect for one in found.windows))
    finding = _finding(run, found)
    note = (
        "From the answer that acknowledged the cause to the first read that shows the effect, a "
        "read's own time included. Dots: medians, with 95 % intervals over blocks where there are "
        "two or more; strokes: p99 of all together, where there are enough; hollow: the longest. "
        f"At the right edge: never seen. Load: {found.rate:g} journeys a second."
    )
    figure = sheet(1.9 + (0.12 + 0.12 * len(found.arms)) * len(effects), finding=finding, note=note)
    axes = figure.subplots(1, len(PARTS), sharex=True, sharey=True, squeeze=False)[0]
    levels = levels_of(medians_of(run, sound=found.sound))
    log_ticks(axes[0], "x")
    axes[0].xaxis.set_major_locator(LogLocator(subs=(1.0, 3.0)))
    ends = [end for one in found.windows for end in (one.p50, one.most) if np.isfinite(end)]
    edge = _NEVER * max(ends)
    for axis, part in zip(axes, PARTS, strict=True):
        own = [one for one in found.windows if one.part == part]
        _draw(axis, own, effects, levels, edge)
        axis.set_title(_TITLES[part])
        axis.set_xlabel("ms (log scale)")
    axes[0].set_xlim(min(one.p50 for one in known) / 2, 1.3 * edge)
    axes[0].set_yticks(range(len(effects)), effects, fontsize=8.5)
    axes[0].set_ylim(len(effects) - 0.45, -0.55)
    name_arms(axes[0], found.arms, above=20)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(
    axis: Axes, own: Sequence[EffectWindow], effects: Sequence[str], levels: Levels, edge: float
) -> None:
    arms = list(dict.fromkeys(one.arm for one in own))
    for lane, (arm, colour) in enumerate(arm_colours(arms).items()):
        for one in (one for one in own if one.arm == arm):
            y = effects.index(one.effect) + (lane - (len(arms) - 1) / 2) * 0.75 / len(arms)
            most, p50 = (value if np.isfinite(value) else edge for value in (one.most, one.p50))
            axis.plot([p50, most], [y, y], color=colour, linewidth=1, alpha=0.7)
            axis.plot(most, y, ">" if one.unseen else "o", color=colour, markersize=5,
                      markerfacecolor="white")  # fmt: skip
            if one.p99 is not None and np.isfinite(one.p99):
                axis.plot(one.p99, y, "|", color=colour, markersize=9, markeredgewidth=1.6)
            level = levels.get((one.part, one.effect, arm))
            if np.isfinite(one.p50):
                axis.plot(p50, y, "o", color=colour, markersize=5)
                if level is not None and np.isfinite(level.value):
                    axis.errorbar(level.value, y, xerr=reach(level)[0], fmt="none", ecolor=INK,
                                  capsize=2, linewidth=1)  # fmt: skip
    axis.axvline(edge, color=FAINT, linewidth=0.8, linestyle=":")
    axis.grid(axis="y", visible=False)


def _finding(run: Run, found: Consistency) -> str:
    unseen = sum(one.unseen for one in found.windows)
    never = f" {unseen} were never seen." if unseen else ""
    void = "" if found.sound else " Void under load: the machine was disturbed."
    if not {MONOLITH, MICROSERVICES} <= set(found.arms):
        return f"How long effects are missing.{never}{void}"
    known = agreement(run, found, arm=MICROSERVICES, base=MONOLITH)
    said = [
        f"{times(one.estimate.ratio)} ({bounds(one.estimate)}) {_TITLES[one.part]}"
        for one in known.later
    ]
    return (
        f"Until effects are seen, the microservices take in times of the monolith: "
        f"{', '.join(said) or 'no effect was seen in both'}.{never}{void}"
    )
