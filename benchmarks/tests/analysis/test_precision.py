import math

import numpy as np
import pytest

from twinbench.analysis.precision import FEWEST_BLOCKS, precise, stopped_intervals
from twinbench.analysis.ratios import estimate, intervals

NARROW = np.tile([-0.02, 0.02], 4)


def test_narrow_intervals_in_enough_blocks_are_precise() -> None:
    assert precise([estimate(NARROW), estimate(NARROW + 0.5)])
    assert not precise([estimate(NARROW), estimate(4 * NARROW)])


def test_narrow_by_luck_in_few_blocks_is_not() -> None:
    assert not precise([estimate(NARROW[: FEWEST_BLOCKS - 1] / 10)])


def test_a_figure_without_end_is_never_precise() -> None:
    assert not precise([estimate(np.full(FEWEST_BLOCKS, math.nan))])


def test_each_run_stops_as_soon_as_it_is_precise() -> None:
    wide = 10 * np.tile(NARROW, 2)
    late = np.concatenate([3 * NARROW, NARROW / 10])
    logs = np.array([np.tile(NARROW, 2), wide, late])
    low, high = stopped_intervals(logs)
    assert low[0] == pytest.approx(intervals(NARROW)[0])
    assert high[1] == pytest.approx(intervals(wide)[1])
    assert high[2] - low[2] <= 2 * math.log(1.05)
    assert high[2] != pytest.approx(intervals(late)[1])
