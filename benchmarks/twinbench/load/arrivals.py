"""When journeys begin, and which: decided before the trial, from its seed alone.

A course of rates over time (`Segment`), an arrival process that follows it (`poisson_times`,
`constant_times`), marks that say what arrives (`schedule_arrivals`), and the split of one schedule
among generator processes (`Schedule.share`). Nothing here knows of Locust or of the shop.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Process = Literal["poisson", "constant"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of `seconds` in which the rate goes linearly from `begin` to `end`, per second."""

    seconds: float
    begin: float
    end: float

    @property
    def expected(self) -> float:
        """Arrivals to be expected: the integral of the rate."""
        return self.seconds * (self.begin + self.end) / 2


def fixed(rate: float, seconds: float) -> tuple[Segment, ...]:
    """The same rate throughout."""
    return (Segment(seconds, rate, rate),)


def stepped(rates: Sequence[float], seconds_each: float) -> tuple[Segment, ...]:
    """One rate after the other, each for as long."""
    return tuple(Segment(seconds_each, rate, rate) for rate in rates)


def ramped(begin: float, end: float, seconds: float) -> tuple[Segment, ...]:
    """From one rate to another in a straight line."""
    return (Segment(seconds, begin, end),)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Arrivals in order of time, shape (n,) each.

    `times` in seconds since the trial's origin; `kinds` indexes `names`; `seeds` decides what the
    journey chooses; `numbers` counts the arrivals of the whole trial, of which this may be a share.
    """

    times: Floats
    kinds: NDArray[np.int64]
    seeds: NDArray[np.int64]
    numbers: NDArray[np.int64]
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.times)

    def share(self, index: int, count: int) -> "Schedule":
        """What the `index`-th of `count` processes is to begin; together they begin everything.

        The seeds are independent of all else, so this colours each arrival at random, and every
        share of a Poisson process is a Poisson process of rate/count, independent of the others
        (Kingman, Poisson Processes, 5.1). Which process begins a journey changes nothing in it.
        """
        own = self.seeds % count == index
        return Schedule(
            self.times[own], self.kinds[own], self.seeds[own], self.numbers[own], self.names
        )


def schedule_arrivals(
    course: Sequence[Segment],
    *,
    weights: Mapping[str, float],
    seed: int,
    process: Process = "poisson",
) -> Schedule:
    """Arrivals that follow the course, each of a kind drawn in proportion to its weight.

    The same seed gives the same schedule: every arm of a block is offered the same journeys.
    Raises ValueError for a course or weights that offer nothing, and for an unknown process.
    """
    total = sum(weights.values())
    if total <= 0 or min(weights.values()) < 0:
        raise ValueError("a schedule needs a positive weight and none below 0")
    if process not in get_args(Process):
        raise ValueError(f"unknown arrival process {process!r}: {' or '.join(get_args(Process))}")
    random = np.random.default_rng(seed)
    times = poisson_times(course, random) if process == "poisson" else constant_times(course)
    names = tuple(sorted(weights))
    shares = np.array([weights[name] for name in names]) / total
    kinds = random.choice(len(names), size=len(times), p=shares)
    seeds = random.integers(0, 2**62, size=len(times))
    return Schedule(times, kinds, seeds, np.arange(len(times)), names)


def poisson_times(course: Sequence[Segment], random: np.random.Generator) -> Floats:
    """Times of a Poisson process whose rate follows the course, ascending, in seconds.

    By inversion (Cinlar, Introduction to Stochastic Processes, 4.7): a process of rate 1, carried
    through the inverse of the expected count. Given its count in a segment, that is as many
    independent uniform points (Kingman, 2.4), and the count is held at its expectation: gaps and
    bursts are unchanged, while the offered rate of a segment is exact rather than +-1/sqrt(n).
    """
    counts = _counts(course)
    levels = [
        level + np.sort(1 - random.uniform(size=count)) * segment.expected
        for level, count, segment in zip(_levels(course), counts, course, strict=False)
    ]
    return _times_of(course, np.concatenate(levels).astype(np.float64))


def constant_times(course: Sequence[Segment]) -> Floats:
    """Times at which the expected count passes 1/2, 3/2, ...: even gaps at a fixed rate."""
    return _times_of(course, np.arange(0.5, sum(_counts(course)), dtype=np.float64))


def _levels(course: Sequence[Segment]) -> Floats:
    """Expected arrivals by the beginning of each segment, and by the end of the last: (n + 1,).

    Raises ValueError for a course that offers nothing.
    """
    if any(min(one.seconds, one.begin, one.end) < 0 for one in course):
        raise ValueError("a course has neither rates nor durations below 0")
    levels = np.concatenate(([0.0], np.cumsum([segment.expected for segment in course])))
    if levels[-1] <= 0:
        raise ValueError("a schedule needs a positive rate for some time")
    return levels


def _counts(course: Sequence[Segment]) -> NDArray[np.int64]:
    """Arrivals in each segment: never off by one from the expected count, nor in sum."""
    # A hair upwards, since 0.1 * 5 must not round otherwise than 0.5 does.
    return np.diff(np.floor(_levels(course) + 0.5 + 1e-9)).astype(np.int64)


def _times_of(course: Sequence[Segment], counts: Floats) -> Floats:
    """When the expected count reaches each of `counts` (> 0): inverts a piecewise quadratic."""
    levels = _levels(course)
    starts = np.concatenate(([0.0], np.cumsum([segment.seconds for segment in course])))
    within = np.searchsorted(levels, counts, side="left") - 1
    seconds, begin, end = (
        np.array([getattr(segment, name) for segment in course])[within]
        for name in ("seconds", "begin", "end")
    )
    # begin t + slope t**2 / 2 = due, solved so that a slope of 0 does no harm.
    due, slope = counts - levels[within], (end - begin) / seconds
    root = np.sqrt(np.maximum(begin**2 + 2 * slope * due, 0))
    return np.asarray(starts[within] + np.minimum(2 * due / (begin + root), seconds))
