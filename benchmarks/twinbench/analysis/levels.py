"""A figure's level over blocks, with its interval: for what is told as such, not as a ratio."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from twinbench.analysis.ratios import estimate


@dataclass(frozen=True, slots=True)
class Level:
    """A mean over blocks with its 95 % interval; the interval of one block is unbounded."""

    value: float
    low: float
    high: float
    blocks: int

    def known_within(self, share: float) -> bool:
        """Whether the interval reaches no further than this share of the value."""
        return self.high - self.value <= share * abs(self.value)


def positive_level(figures: Sequence[float]) -> Level:
    """The geometric mean of one figure per block, by Student's t on logarithms (decision 11).

    Raises ValueError for none, or for one that is not positive.
    """
    if not all(figure > 0 for figure in figures):
        raise ValueError("a positive level needs positive figures")
    found = estimate(np.log(np.asarray(figures, float)))
    return Level(found.ratio, found.low, found.high, found.blocks)


def level(figures: Sequence[float], *, confidence: float = 0.95) -> Level:
    """The arithmetic mean of one figure per block, by Student's t. Raises ValueError for none.

    For what may be negative, as a difference of arms is in a block where it is small.
    """
    values = np.asarray(figures, float)
    count = len(values)
    if not count:
        raise ValueError("a level needs at least one block")
    mean = float(np.mean(values))
    if count == 1:
        return Level(mean, -math.inf, math.inf, 1)
    error = float(np.std(values, ddof=1)) / math.sqrt(count)
    reach = float(special.stdtrit(count - 1, 0.5 + confidence / 2)) * error
    return Level(mean, mean - reach, mean + reach, count)
