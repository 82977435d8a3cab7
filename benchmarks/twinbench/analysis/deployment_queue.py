"""How long changes wait for each other on their way to customers, and how often they collide.

Teams finish changes independently of each other, so changes arrive as a Poisson process. What is
deployed as one piece has one *line*: one deployment at a time. A monolith has one line for all
teams, services have a line each. In a line, changes go *alone*, one deployment each, or *together*,
all that wait in the next deployment.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Policy = Literal["alone", "together"]

POLICIES: Final[tuple[Policy, ...]] = ("alone", "together")
DAY_S: Final = 8 * 3600.0
"""A working day: nobody deploys at night."""


@dataclass(frozen=True, slots=True)
class Durations:
    """How long one deployment keeps its line busy: seconds, each as likely as the others."""

    seconds: tuple[float, ...]

    def __post_init__(self) -> None:
        if not self.seconds or min(self.seconds) <= 0:
            raise ValueError("deployments take some time: give durations above 0")

    @classmethod
    def of(
        cls, good: Sequence[float], bad: Sequence[float] = (), *, failing: float = 0.0,
        pipeline_s: float = 0.0,
    ) -> "Durations":  # fmt: skip
        """`failing` (a share) of the deployments take as long as the `bad` ones and are undone.

        `pipeline_s` is what else holds a line up: builds and tests of each deployment. A share is
        told in hundredths. Raises ValueError for one outside of 0..1, or without `bad` ones.
        """
        if not 0 <= failing <= 1 or (failing and not bad):
            raise ValueError("a share lies in 0..1, and what fails takes some time")
        hundredths = round(100 * failing)
        each = [*_spread(good, 100 - hundredths), *_spread(bad, hundredths)]
        return cls(tuple(seconds + pipeline_s for seconds in each))

    @property
    def values(self) -> NDArray[np.float64]:
        return np.asarray(self.seconds, np.float64)

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def residual(self) -> float:
        """What is left of the deployment under way, seen at a random moment: E[S^2] / (2 E[S])."""
        return float(np.mean(self.values**2)) / (2 * self.mean)

    def nobody_comes(self, rate: float) -> float:
        """Probability that no change arrives during one deployment: E[exp(-rate S)]."""
        return float(np.mean(np.exp(-rate * self.values)))


def _spread(seconds: Sequence[float], count: int) -> list[float]:
    """So many of these, each as often as the others."""
    if not (count and seconds):
        return []
    places = (np.arange(count) + 0.5) / count
    return [float(one) for one in np.quantile(seconds, places, method="inverted_cdf")]


@dataclass(frozen=True, slots=True)
class Wait:
    """What befalls a change in its line.

    `busy` is the share of time in which a deployment is under way, and so the probability that a
    change finds one: a *collision* (Poisson arrivals see time averages, Wolff 1982). `wait_s` is
    the mean from being finished until its deployment begins, infinite where the line only grows.
    `deployments` are those per change: 1 where each goes alone.
    """

    busy: float
    wait_s: float
    deployments: float


@dataclass(frozen=True, slots=True)
class Day:
    """A day of an organisation: its teams' changes, over all lines. Collisions are per day."""

    changes: float
    collisions: float
    wait_s: float
    deployments: float


def wait_alone(rate: float, durations: Durations) -> Wait:
    """One deployment for each change, first come, first served; `rate` in changes per second.

    M/G/1: rho / (1 - rho) * E[S^2] / (2 E[S]) (Pollaczek 1930, Khinchine 1932; Kleinrock, Queueing
    Systems I, 5.6).
    """
    load = rate * durations.mean
    if load >= 1:
        return Wait(1.0, float("inf"), 1.0)
    return Wait(load, load / (1 - load) * durations.residual, 1.0)


def wait_together(rate: float, durations: Durations) -> Wait:
    """All changes that wait go in the next deployment: M/G/1 in batches without a limit.

    After a deployment the next one begins at once unless nobody came meanwhile, with probability
    p = E[exp(-rate S)]; so 1/p deployments follow each other, then the line is idle for 1/rate.
    By renewal and reward (Ross, Introduction to Probability Models, 7.4) it is busy for the share
    b = rate E[S] / (p + rate E[S]); whoever finds it busy waits what is left of that deployment,
    E[S^2] / (2 E[S]) on average, since by Wald's equation deployments within a busy time have the
    moments of all. (Batches in general: Chaudhry and Templeton, A First Course in Bulk Queues.)
    """
    alone = durations.nobody_comes(rate)
    busy = rate * durations.mean / (alone + rate * durations.mean)
    return Wait(busy, busy * durations.residual, busy / (rate * durations.mean))


def a_day(
    *, teams: int, changes_each: float, durations: Durations, lines: int, policy: Policy
) -> Day:
    """`teams` finish `changes_each` a working day, spread evenly over so many `lines`.

    Raises ValueError for less than one team, line or change.
    """
    if min(teams, lines) < 1 or changes_each <= 0:
        raise ValueError("a day needs a team, a line and changes")
    changes = teams * changes_each
    rate = changes / lines / DAY_S
    found = (wait_alone if policy == "alone" else wait_together)(rate, durations)
    return Day(
        changes=changes,
        collisions=changes * found.busy,
        wait_s=found.wait_s,
        deployments=changes * found.deployments,
    )
