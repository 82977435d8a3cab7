"""How long changes wait, and collide, as teams become many: curves for each arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from twinbench.analysis.attribution import MODULITH, MONOLITH
from twinbench.analysis.deployment_queue import Durations, Policy, a_day
from twinbench.analysis.deployments import Deployments

# What is deployed apart, for any number of teams: one monolith, or a service for each team.
ONE_LINE: Final = frozenset({MONOLITH, MODULITH})


@dataclass(frozen=True, slots=True)
class Curve:
    """Over `teams`: the mean wait of a change in seconds (infinite where the line only grows) and
    collisions a day, with `pipeline_s` in each deployment.

    `low` and `high` are the waits if every deployment took as long as the shortest and the longest
    that were seen.
    """

    arm: str
    changes_each: float
    pipeline_s: float
    teams: tuple[int, ...]
    wait_s: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    collisions: tuple[float, ...]


def curves(
    found: Deployments,
    *,
    teams: Sequence[int],
    changes_each: Sequence[float],
    pipelines_s: Sequence[float],
    policy: Policy = "together",
) -> list[Curve]:
    """By the measured times of each arm's best strategy; of every arm, pace and pipeline one."""
    return [
        _curve(arm, seconds, tuple(teams), changes_each=each, pipeline_s=pipeline_s, policy=policy)
        for arm, seconds in found.busy_s.items()
        for pipeline_s in pipelines_s
        for each in changes_each
    ]


def _curve(
    arm: str,
    seconds: Sequence[float],
    teams: tuple[int, ...],
    *,
    changes_each: float,
    pipeline_s: float,
    policy: Policy,
) -> Curve:
    sets = (seconds, (min(seconds),), (max(seconds),))
    middle, low, high = (
        [
            a_day(
                teams=count,
                changes_each=changes_each,
                durations=Durations.of(own, pipeline_s=pipeline_s),
                lines=1 if arm in ONE_LINE else count,
                policy=policy,
            )
            for count in teams
        ]
        for own in sets
    )
    return Curve(
        arm=arm,
        changes_each=changes_each,
        pipeline_s=pipeline_s,
        teams=teams,
        wait_s=tuple(day.wait_s for day in middle),
        low=tuple(day.wait_s for day in low),
        high=tuple(day.wait_s for day in high),
        collisions=tuple(day.collisions for day in middle),
    )
