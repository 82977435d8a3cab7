"""Differences of shares between two arms, such as those of journeys that failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from twinbench.analysis.levels import level
from twinbench.analysis.struck import wilson
from twinbench.analysis.verdicts import Verdict

MARGIN: Final = 0.02


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        return self.count / self.of if self.of else 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.count + other.count, self.of + other.of)


@dataclass(frozen=True, slots=True)
class Gap:
    """A share of the second arm less that of the first, the mean over `units`; all in -1..1.

    The 95 % interval is unbounded with one unit. `first` and `second` are the means themselves.
    """

    first: float
    second: float
    value: float
    low: float
    high: float
    units: int
    verdict: Verdict


def gap(first: Sequence[Tally], second: Sequence[Tally], *, margin: float = MARGIN) -> Gap:
    """From what both arms showed in each unit: a block, or a fault.

    The interval reaches on either side as far as the wider of two: Student's t over the units'
    differences, and the score interval for the counts of all units together (Newcombe 1998, method
    10). The first knows that units differ; the second, that a count of 0 is no certainty. The
    verdict is `equivalent` if the interval lies within the margin (two one-sided tests at 2.5 %).
    Raises ValueError for no units, or sides that are not alike.
    """
    if not first or len(first) != len(second):
        raise ValueError("a gap needs both arms in every unit")
    shares = [(one.share, other.share) for one, other in zip(first, second, strict=True)]
    over_units = level([other - one for one, other in shares])
    below, above = _newcombe(sum(first, Tally(0, 0)), sum(second, Tally(0, 0)))
    low = min(over_units.low, over_units.value - below)
    high = max(over_units.high, over_units.value + above)
    return Gap(
        first=float(np.mean([one for one, _ in shares])),
        second=float(np.mean([other for _, other in shares])),
        value=over_units.value,
        low=low,
        high=high,
        units=len(shares),
        verdict=_verdict(low, high, margin),
    )


def _newcombe(one: Tally, other: Tally) -> tuple[float, float]:
    """How far the difference other - one may lie below and above the one that was seen."""
    (low_one, high_one), (low, high) = (wilson(tally.count, tally.of) for tally in (one, other))
    below = np.hypot(other.share - low, high_one - one.share)
    above = np.hypot(high - other.share, one.share - low_one)
    return float(below), float(above)


def _verdict(low: float, high: float, margin: float) -> Verdict:
    if -margin < low and high < margin:
        return "equivalent"
    if high < 0:
        return "lower"
    return "higher" if low > 0 else "inconclusive"
