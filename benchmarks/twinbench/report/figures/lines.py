"""How long changes of many teams wait for each other, and how often they collide."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from twinbench.analysis.deployments import Deployments
from twinbench.analysis.team_lines import Curve, curves
from twinbench.report.figures.canvas import Absent, Picture, log_ticks, name_arms, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import span

NAME: Final = "teams-and-deployments"
_TEAMS: Final = (1, 2, 5, 10, 20, 50, 100)
_PIPELINES_S: Final = (0.0, 600.0)
_LOOKS: Final[Mapping[float, Literal["-", "--", ":"]]] = {1: ":", 3: "--", 10: "-"}
_TOLD: Final = 20  # teams that the finding is about


@styled
def teams_and_deployments(found: Deployments) -> Picture | Absent:
    """Mean wait and collisions a day, over teams, at several changes a day of each."""
    if not found.busy_s:
        return Absent(NAME, "no change of code was deployed, so no line has a length.")
    drawn = curves(found, teams=_TEAMS, changes_each=tuple(_LOOKS), pipelines_s=_PIPELINES_S)
    finding = _finding(drawn)
    note = (
        "Calculated from the measured deployments: changes come at random over eight hours, all "
        "that wait go in the next deployment; a monolith has one line for all teams, services one "
        "for each. Dotted, dashed, full: 1, 3, 10 changes a day of each team. Bands: if all "
        "deployments took as long as the shortest or the longest seen. Below 0.01: not drawn."
    )
    figure = sheet(6.2, finding=finding, note=note)
    axes = figure.subplots(2, len(_PIPELINES_S), sharex=True, sharey="row", squeeze=False)
    for column, pipeline_s in enumerate(_PIPELINES_S):
        own = [one for one in drawn if one.pipeline_s == pipeline_s]
        _draw(axes[0, column], axes[1, column], own)
        also = f"and {pipeline_s / 60:.0f} minutes of pipeline" if pipeline_s else "alone"
        axes[0, column].set_title(f"the deployment {also}", fontsize=9.5)
        axes[1, column].set_xlabel("teams (log scale)")
    axes[0, 0].set_ylabel("mean wait of a change, s (log)")
    axes[1, 0].set_ylabel("collisions a day (log)")
    for axis in axes[:, 0]:
        log_ticks(axis, "y")
        axis.yaxis.set_major_locator(LogLocator())
        axis.set_ylim(bottom=max(axis.get_ylim()[0], 0.01))
    name_arms(axes[0, 0], list(found.busy_s), above=20)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(upper: Axes, lower: Axes, own: Sequence[Curve]) -> None:
    colours = arm_colours([one.arm for one in own])
    for one in own:
        look, colour = _LOOKS[one.changes_each], colours[one.arm]
        upper.plot(one.teams, one.wait_s, look, color=colour, linewidth=1.5)
        if one.low != one.high:
            upper.fill_between(one.teams, one.low, one.high, color=colour, alpha=0.12, linewidth=0)
        lower.plot(one.teams, one.collisions, look, color=colour, linewidth=1.5)
    upper.set_xscale("log")
    upper.set_xticks(_TEAMS, [f"{teams}" for teams in _TEAMS])
    upper.minorticks_off()
    lower.tick_params(axis="x", which="minor", bottom=False)


def _finding(drawn: Sequence[Curve]) -> str:
    """At ten changes a day of each of twenty teams, with a pipeline."""
    place = _TEAMS.index(_TOLD)
    told = [
        one
        for one in drawn
        if one.changes_each == max(_LOOKS) and one.pipeline_s == max(_PIPELINES_S)
    ]
    said = [
        f"{one.arm} {span(one.wait_s[place])}, "
        f"{one.collisions[place] / (_TOLD * one.changes_each):.0%} of changes collide"
        for one in told
        if np.isfinite(one.wait_s[place])
    ]
    return (
        f"With {_TOLD} teams, {max(_LOOKS):g} changes a day each and "
        f"{max(_PIPELINES_S) / 60:.0f} minutes of pipeline a change waits: {'; '.join(said)}."
    )
