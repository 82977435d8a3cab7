"""When a run has measured enough: by the width of intervals, never by what they say."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from twinbench.analysis.ratios import Estimate, intervals

# An interval may look narrow by luck, and who stops then keeps the luck: with 4 blocks at least,
# nominal 95 % become 91 %; with 8, at least 93 % (decision 11).
FEWEST_BLOCKS: Final = 8
WIDTH: Final = 0.05


def precise(estimates: Sequence[Estimate], *, width: float = WIDTH) -> bool:
    """Whether every ratio is known within a factor 1 + `width` up and down, in enough blocks."""
    return all(
        estimate.blocks >= FEWEST_BLOCKS and estimate.high / estimate.ratio <= 1 + width
        for estimate in estimates
    )


def stopped_intervals(
    logs: NDArray[np.float64], *, width: float = WIDTH
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of many runs at once that stop when precise: the intervals they end with.

    `logs` has one run per row, as many blocks as its time allows. For simulations.
    """
    most = logs.shape[1]
    low, high = intervals(logs[:, : min(FEWEST_BLOCKS, most)])
    for blocks in range(FEWEST_BLOCKS + 1, most + 1):
        going = (high - low) / 2 > math.log1p(width)
        later = intervals(logs[going, :blocks])
        low[going], high[going] = later
    return low, high
