"""Percentiles of samples that may be censored."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def percentile(latencies: NDArray[np.float64], share: float) -> float:
    """The smallest sample that at least `share` (0..1] of all samples do not exceed.

    The inverse of the empirical distribution (Hyndman & Fan 1996, definition 1), so it is always
    something that was observed. A request that never ended counts as infinite. Raises ValueError
    when there are no samples.
    """
    return percentiles(latencies, (share,))[0]


def percentiles(latencies: NDArray[np.float64], shares: Sequence[float]) -> list[float]:
    """Several percentiles at the cost of one."""
    if not len(latencies):
        raise ValueError("no samples")
    positions = [math.ceil(share * len(latencies) - 1e-9) - 1 for share in shares]
    if not positions:
        return []
    ordered = np.partition(latencies, positions)
    return [float(ordered[position]) for position in positions]


def enough_for(count: int, share: float) -> bool:
    """Whether so many samples leave at least one beyond the percentile."""
    return count * (1 - share) >= 1 - 1e-9
