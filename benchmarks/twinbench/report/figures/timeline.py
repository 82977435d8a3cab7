"""What customers met around a deployment, second by second."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.axes import Axes

from twinbench.analysis.deployments import Deployed, Deployments
from twinbench.analysis.timelines import STEP_S, Timeline, timeline
from twinbench.report.figures.canvas import FAINT, INK, Absent, Picture, log_ticks, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount
from twinbench.results.store import Run

NAME: Final = "deployment-timeline"
_FAILED: Final = "#000000"
_NAMED_S: Final = 1.2  # what serves must take, to be named inside its shade


@styled
def deployment_timeline(run: Run, found: Deployments) -> Picture | Absent:
    """A row for each way of changing code, a panel for each arm: waits, failures, the switch."""
    kinds = [one for one in found.kinds if one.flavour == "code"]
    if not kinds:
        return Absent(NAME, "this run deployed no change of code.")
    arms = [arm for arm in run.document["configuration"]["arms"] if arm in found.best]
    ways = list(dict.fromkeys((one.strategy, one.replicas) for one in kinds))
    finding = _finding(found)
    note = (
        "All deployments of a kind laid over each other, in steps of half a second. Line: median "
        "wait of a request; band: up to p95. Crosses: steps in which requests failed, with how "
        "many. Shaded: from the deployment's beginning until all that serves is new, pale until "
        "nothing was left to do (medians); upright: the first new answer."
    )
    figure = sheet(1.7 + 1.75 * len(ways), finding=finding, note=note)
    axes = figure.subplots(len(ways), len(arms), sharex=True, sharey=True, squeeze=False)
    colours = arm_colours(arms)
    drawn: list[Timeline] = []
    for place, axis in np.ndenumerate(axes):
        way, arm = ways[place[0]], arms[place[1]]
        own = [one for one in kinds if (one.strategy, one.replicas, one.arm) == (*way, arm)]
        if not own:
            axis.set_visible(False)
            continue
        drawn.append(timeline(run, own[0]))
        _draw(axis, drawn[-1], own[0], colours[arm])
        axis.set_title(_title(own[0]), color=colours[arm], fontsize=9)
    for axis in axes[:, 0]:
        axis.set_ylabel("wait, ms (log scale)", fontsize=8.5)
    for axis in axes[-1]:
        axis.set_xlabel("seconds since the deployment began")
    _scale(axes.flatten().tolist(), drawn)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _title(one: Deployed) -> str:
    also = "" if one.replicas == 1 else f", {one.replicas} replicas"
    many = "deployment" if one.count == 1 else "deployments"
    void = "" if one.valid else ", all void"
    return f"{one.arm}: {one.strategy}{also} ({one.count} {many}{void})"


def _draw(axis: Axes, own: Timeline, kind: Deployed, colour: str) -> None:
    axis.axvspan(0, kind.serving_s, color=INK, alpha=0.13, linewidth=0)
    axis.axvspan(kind.serving_s, kind.whole_s, color=INK, alpha=0.05, linewidth=0)
    if own.switched_s is not None:
        axis.axvline(own.switched_s, color=INK, linewidth=1.1)
    axis.fill_between(own.at, own.p50, own.p95, color=colour, alpha=0.22, linewidth=0, step="mid")
    axis.plot(own.at, own.p50, color=colour, linewidth=1.5, drawstyle="steps-mid")
    for place in np.flatnonzero(own.failed):
        axis.plot(own.at[place], 0.9, "x", color=_FAILED, markersize=5, markeredgewidth=1.4,
                  transform=axis.get_xaxis_transform())  # fmt: skip
        axis.annotate(f"{own.failed[place]}", (own.at[place], 0.9), xytext=(0, 5), fontsize=7,
                      xycoords=axis.get_xaxis_transform(), textcoords="offset points",
                      ha="center")  # fmt: skip
    if kind.serving_s >= _NAMED_S:
        axis.annotate(f"{kind.serving_s:.1f} s", (0, 0.03), xytext=(3, 0), fontsize=7.5,
                      xycoords=axis.get_xaxis_transform(), textcoords="offset points",
                      color=FAINT)  # fmt: skip


def _scale(axes: Sequence[Axes], drawn: Sequence[Timeline]) -> None:
    """One for all panels, with room above for failures."""
    shown = [axis for axis in axes if axis.get_visible()]
    first, last = min(own.at[0] for own in drawn), max(own.at[-1] for own in drawn)
    shown[0].set_xlim(first - STEP_S / 2, last + STEP_S / 2)
    log_ticks(shown[0], "y")
    low, high = shown[0].get_ylim()
    shown[0].set_ylim(low, high * (high / low) ** 0.25)


def _finding(found: Deployments) -> str:
    said = [
        f"{arm} {best.failed_journeys} of {best.journeys} journeys failed, "
        f"{best.slowed:.0%} were slow, {amount(best.whole_s)} s in all "
        f"({best.strategy})"
        for arm, best in found.best.items()
    ]
    undisturbed = all(best.valid for best in found.best.values())
    void = "" if undisturbed else " Void: the machine was disturbed."
    return f"While code was deployed, by the best way of each: {'; '.join(said)}.{void}"
