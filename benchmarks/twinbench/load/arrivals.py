"""When journeys begin, and which: decided before the trial, from its seed alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Schedule:
    """Arrival times in seconds since the trial's origin, ascending, with kind and seed of each.

    The three arrays have the same length; `kinds` indexes `names`.
    """

    times: NDArray[np.float64]
    kinds: NDArray[np.int64]
    seeds: NDArray[np.int64]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.times)


def poisson_schedule(
    *, rate: float, segments: Sequence[float], weights: Mapping[str, float], seed: int
) -> Schedule:
    """A Poisson process of `rate` per second over consecutive segments (seconds), marked by kind.

    Each segment holds exactly round(rate x length) arrivals. Given its count, a Poisson process is
    that many independent uniform points (Kingman, Poisson Processes, 2.4), so gaps and bursts are
    unchanged while the offered rate of the measured segment is exact rather than +-1/sqrt(n).
    The same seed gives the same schedule: every arm of a block is offered the same journeys.

    Raises ValueError for a rate or weights that offer nothing.
    """
    total = sum(weights.values())
    if rate <= 0 or total <= 0 or min(weights.values()) < 0:
        raise ValueError("a schedule needs a positive rate and a positive weight")
    random = np.random.default_rng(seed)
    starts = np.concatenate(([0.0], np.cumsum(segments)))
    times = np.concatenate(
        [
            np.sort(random.uniform(start, start + length, size=round(rate * length)))
            for start, length in zip(starts, segments, strict=False)
        ]
    )
    names = tuple(sorted(weights))
    shares = np.array([weights[name] for name in names]) / total
    kinds = random.choice(len(names), size=len(times), p=shares)
    seeds = random.integers(0, 2**62, size=len(times))
    return Schedule(times=times, kinds=kinds, seeds=seeds, names=names)


class ZipfSampler:
    """Ranks 1..count, rank k with probability proportional to k**-exponent."""

    def __init__(self, count: int, exponent: float) -> None:
        if count < 1:
            raise ValueError("there is nothing to choose from")
        cumulative = np.cumsum(np.arange(1, count + 1, dtype=np.float64) ** -exponent)
        self._cumulative = cumulative / cumulative[-1]

    def rank(self, uniform: float) -> int:
        """The rank at quantile `uniform` in [0, 1)."""
        return int(np.searchsorted(self._cumulative, uniform, side="right")) + 1
