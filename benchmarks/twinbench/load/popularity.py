"""Which product is chosen how often."""

from bisect import bisect_right

import numpy as np


class ZipfSampler:
    """Ranks 1..count, rank k with probability proportional to k**-exponent (Zipf 1949).

    Raises ValueError where there is nothing to choose from.
    """

    def __init__(self, count: int, exponent: float) -> None:
        if count < 1:
            raise ValueError("there is nothing to choose from")
        cumulative = np.cumsum(np.arange(1, count + 1, dtype=np.float64) ** -exponent)
        self._cumulative: list[float] = (cumulative / cumulative[-1]).tolist()

    def rank(self, uniform: float) -> int:
        """The rank at quantile `uniform` in [0, 1)."""
        return bisect_right(self._cumulative, uniform) + 1
