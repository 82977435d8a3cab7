"""Whether this tool's own verdicts can be believed: on a real run's trials, and by simulation."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import stats

from twinbench.analysis.blocks import Stage
from twinbench.analysis.coverage import coverage
from twinbench.analysis.ratios import Estimate, estimate
from twinbench.analysis.verdicts import Verdict, verdicts

EFFECT: Final = 1.1
FEWEST_SETS: Final = 100
MOST_FALSE: Final = 0.05
LEAST_FOUND: Final = 0.8
COVERAGE: Final = (0.93, 0.97)
_FEWEST_BLOCKS: Final = 2
# So many pairs can be drawn from twice as many blocks in 105 ways; of three pairs, there are 15.
_FEWEST_PAIRS: Final = 4
_SIZES: Final = (2, 3, 4, 6, 8, 12, 20, 30)

Logs = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Check:
    """One claim and what became of it; `passed` is None where it could not be looked at."""

    name: str
    claim: str
    outcome: str
    passed: bool | None


def check_run(found: Sequence[Stage], *, sets: int, blocks: int, seed: int) -> list[Check]:
    """The checks that need a run: false verdicts, and a planted effect in runs of `blocks`.

    Raises ValueError for fewer than 100 sets.
    """
    if sets < FEWEST_SETS:
        raise ValueError(f"a self-check needs {FEWEST_SETS} sets or more")
    judged = [stage for stage in found if not stage.unjudged]
    return [_same_arm(judged, sets, seed), _planted(judged, sets, blocks, seed)]


def check_coverage(*, sets: int) -> Check:
    """Every interval of every estimator, by simulation."""
    found = sorted(coverage(sets=sets, sizes=_SIZES), key=lambda each: each.share)
    least, most = found[0], found[-1]
    return Check(
        name="interval coverage",
        claim=f"nominal 95 % intervals hold {COVERAGE[0]:.0%} to {COVERAGE[1]:.0%}",
        outcome=f"{least.share:.1%} ({least.estimator}, {least.scenario}, {least.blocks} blocks) "
        f"to {most.share:.1%} ({most.estimator}, {most.scenario}, {most.blocks} blocks)",
        passed=COVERAGE[0] <= least.share and most.share <= COVERAGE[1],
    )


def _same_arm(found: Sequence[Stage], sets: int, seed: int) -> Check:
    """A/A: the trials of one arm, paired at random and set against each other.

    Every trial is used at most once per set, for a set that repeats trials looks surer than it is.
    Trials of different blocks meet, so what drifts from block to block counts as noise here.
    """
    claim = f"an arm against itself: {MOST_FALSE:.0%} of tables find a difference, or fewer"
    stages = [stage for stage in found if len(stage.blocks) // 2 >= _FEWEST_PAIRS]
    if not stages:
        fewest = 2 * _FEWEST_PAIRS
        return Check("A/A", claim, f"needs a rate with {fewest} valid blocks", None)
    random = np.random.default_rng([seed, 1])
    arms = sorted({arm for stage in stages for arm in stage.arms})

    def logs_of(arm: str) -> Iterator[Logs]:
        for stage in (stage for stage in stages if arm in stage.arms):
            order = random.permutation(len(stage.blocks))
            half = len(order) // 2
            figures = _logs(stage, arm)
            yield figures[order[:half]] - figures[order[half : 2 * half]]

    false = _share_of_tables(
        lambda: logs_of(str(random.choice(arms))),
        lambda said: "lower" in said or "higher" in said,
        sets,
    )
    # Holm's adjustment uses its 5 % up where figures are independent; counting 5 % has a spread.
    most = float(stats.binom.ppf(0.95, sets, MOST_FALSE)) / sets
    outcome = f"{false:.1%} of {sets} resampled tables (up to {most:.1%} is chance)"
    return Check("A/A", claim, outcome, false <= most)


def _planted(found: Sequence[Stage], sets: int, blocks: int, seed: int) -> Check:
    """+10 % in every figure of one arm, in runs drawn from this run's own variation.

    That is the scatter of the ratio of two arms within its blocks, each block drawn whole with a
    random sign, and widened for its mean having been taken out.
    """
    claim = f"+{EFFECT - 1:.0%} in one arm: at least {LEAST_FOUND:.0%} of runs find it"
    stages = [stage for stage in found if len(stage.blocks) >= _FEWEST_BLOCKS]
    pairs = sorted({pair for stage in stages for pair in combinations(sorted(stage.arms), 2)})
    if not pairs:
        outcome = f"needs two arms and {_FEWEST_BLOCKS} valid blocks"
        return Check("planted effect", claim, outcome, None)
    random = np.random.default_rng([seed, 2])

    def logs() -> Iterator[Logs]:
        one, other = pairs[random.integers(len(pairs))]
        for stage in (stage for stage in stages if {one, other} <= set(stage.arms)):
            ratios = _logs(stage, one) - _logs(stage, other)
            yield math.log(EFFECT) + _redrawn(ratios, blocks, random)

    share = _share_of_tables(logs, lambda said: "higher" in said and "lower" not in said, sets)
    outcome = f"{share:.1%} of {sets} simulated runs of {blocks} blocks"
    return Check("planted effect", claim, outcome, share >= LEAST_FOUND)


def _logs(stage: Stage, arm: str) -> Logs:
    """One row per block, one column per figure of the headline table; infinite figures as nan."""
    columns = [
        by_arm[arm] for measure, by_arm in stage.columns.items() if measure.kind != "request"
    ]
    figures = np.log(np.array(columns, float)).T.reshape(len(stage.blocks), len(columns))
    return np.where(np.isfinite(figures), figures, np.nan)


def _redrawn(ratios: Logs, blocks: int, random: Generator) -> Logs:
    count = len(ratios)
    scatter: Logs = (ratios - ratios.mean(axis=0)) * math.sqrt(count / (count - 1))
    signs = np.asarray(random.choice([-1.0, 1.0], size=(blocks, 1)), np.float64)
    drawn: Logs = np.multiply(scatter[random.integers(count, size=blocks)], signs)
    return drawn


def _share_of_tables(
    logs: Callable[[], Iterator[Logs]], wanted: Callable[[Sequence[Verdict]], bool], sets: int
) -> float:
    """Of `sets` tables, one row per figure and rate, those whose verdicts are as wanted."""
    count = 0
    for _ in range(sets):
        table: list[Estimate] = [estimate(column) for rate in logs() for column in rate.T]
        count += wanted(verdicts(table))
    return count / sets
