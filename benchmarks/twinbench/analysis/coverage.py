"""How often the intervals hold what they promise, by simulation with known truth.

Every scenario draws sets of per-block log-ratios whose true mean is 0.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from twinbench.analysis.precision import stopped_intervals
from twinbench.analysis.ratios import intervals, unpaired_intervals

Draw = Callable[[Generator, int, int], NDArray[np.float64]]

_TRIAL: Final = 0.05  # how much the logs of two trials of one arm differ, as seen on small machines
_HEAVY_FREEDOM: Final = 3.0
_DISTURBED: Final = 0.1
_DISTURBANCE: Final = 5.0
_DRIFT: Final = 0.3


def _lognormal(random: Generator, sets: int, blocks: int) -> NDArray[np.float64]:
    return random.normal(0, _TRIAL, (sets, blocks))


def _heavy_tailed(random: Generator, sets: int, blocks: int) -> NDArray[np.float64]:
    """Student's t with 3 degrees of freedom: its fourth moment is infinite."""
    return _TRIAL * random.standard_t(_HEAVY_FREEDOM, (sets, blocks))


def _disturbed(random: Generator, sets: int, blocks: int) -> NDArray[np.float64]:
    """One trial in ten spreads five times as far."""
    struck = random.random((sets, blocks)) < _DISTURBED
    return random.normal(0, _TRIAL, (sets, blocks)) * np.where(struck, _DISTURBANCE, 1.0)


def _drifting(random: Generator, sets: int, blocks: int) -> NDArray[np.float64]:
    """What a machine does to a block's trials alike: a random walk of 30 % steps, and a trend."""
    walk = np.cumsum(random.normal(0, _DRIFT, (sets, blocks)), axis=1)
    return walk + np.linspace(0, 1, blocks)


# How the trials of one arm scatter, in logs.
TRIALS: Final[Mapping[str, Draw]] = {
    "lognormal": _lognormal,
    "heavy-tailed": _heavy_tailed,
    "disturbed": _disturbed,
}


def paired_logs(trials: Draw, random: Generator, sets: int, blocks: int) -> NDArray[np.float64]:
    """Log-ratios of two like arms in drifting blocks, as an experiment would get them."""
    machine = _drifting(random, sets, blocks)
    first, second = (machine + trials(random, sets, blocks) for _ in range(2))
    return second - first


@dataclass(frozen=True, slots=True)
class Coverage:
    """Share of `sets` simulated intervals that held the truth."""

    estimator: str
    scenario: str
    blocks: int
    sets: int
    share: float


def coverage(*, sets: int, sizes: tuple[int, ...], seed: int = 1) -> list[Coverage]:
    """Of every estimator, in every scenario, at every number of blocks."""
    found = []
    for scenario, trials in TRIALS.items():
        for blocks in sizes:
            random = np.random.default_rng([seed, blocks])
            logs = paired_logs(trials, random, sets, blocks)
            sides = (trials(random, sets, blocks), trials(random, sets, blocks + 2))
            for estimator, edges in (
                ("within a run", intervals(logs)),
                ("stopped when precise", stopped_intervals(logs)),
                ("between runs", unpaired_intervals(*sides)),
            ):
                low, high = edges
                held = float(np.mean((low <= 0) & (high >= 0)))
                found.append(Coverage(estimator, scenario, blocks, sets, held))
    return found
