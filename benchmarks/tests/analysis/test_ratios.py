"""Estimates against known values, and against what they promise, by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from twinbench.analysis.ratios import estimate, estimate_unpaired, intervals, log_ratios


def test_geometric_mean_and_t_interval_of_known_values() -> None:
    # ln 2 +- t(0.975, 2) * 0.1 / sqrt(3), by hand: 4.302653 * 0.0577350 = 0.248414
    found = estimate(np.log(2) + np.array([-0.1, 0.0, 0.1]))
    assert found.ratio == pytest.approx(2.0)
    assert math.log(found.low) == pytest.approx(math.log(2) - 0.248414, abs=1e-5)
    assert math.log(found.high) == pytest.approx(math.log(2) + 0.248414, abs=1e-5)
    assert found.blocks == 3


def test_p_value_is_that_of_the_t_test() -> None:
    logs = np.array([0.12, -0.03, 0.2, 0.09])
    assert estimate(logs).p_different == pytest.approx(stats.ttest_1samp(logs, 0).pvalue)


def test_equivalence_is_two_one_sided_tests() -> None:
    logs = np.array([0.01, -0.01, 0.02, 0.0, 0.005])
    bound = math.log(1.05)
    below = stats.ttest_1samp(logs, -bound, alternative="greater").pvalue
    above = stats.ttest_1samp(logs, bound, alternative="less").pvalue
    assert estimate(logs, margin=0.05).p_equivalent == pytest.approx(max(below, above))


def test_one_block_says_nothing() -> None:
    found = estimate(np.array([0.5]))
    assert (found.low, found.high) == (0.0, math.inf)
    assert (found.p_different, found.p_equivalent) == (1.0, 1.0)


def test_a_figure_without_end_says_nothing() -> None:
    found = estimate(log_ratios([math.inf, 2.0], [1.0, 1.0]))
    assert math.isnan(found.ratio)
    assert (found.p_different, found.p_equivalent) == (1.0, 1.0)


def test_blocks_that_agree_exactly_are_no_error() -> None:
    for count in (3, 9):
        found = estimate(np.full(count, np.log(1.5)))
        assert found.ratio == pytest.approx(1.5)
        assert found.p_different < 1e-6


@pytest.mark.parametrize(("above", "below"), [([1.0], [0.0]), ([1.0, 2.0], [1.0]), ([-1.0], [1.0])])
def test_figures_without_a_ratio_are_refused(above: list[float], below: list[float]) -> None:
    with pytest.raises(ValueError, match="positive"):
        log_ratios(above, below)


def test_no_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="one block"):
        estimate(np.array([]))


def test_swapping_the_arms_inverts_the_ratio_and_its_interval() -> None:
    logs = np.random.default_rng(3).normal(0.3, 0.1, 5)
    one, other = estimate(logs), estimate(-logs)
    assert other.ratio == pytest.approx(1 / one.ratio)
    assert (other.low, other.high) == pytest.approx((1 / one.high, 1 / one.low))


@pytest.mark.parametrize("blocks", [2, 4, 12])
def test_intervals_of_many_sets_are_those_of_each(blocks: int) -> None:
    logs = np.random.default_rng(blocks).normal(0.4, 0.15, (5, blocks))
    lows, highs = intervals(logs)
    for row, low, high in zip(logs, lows, highs, strict=True):
        found = estimate(row)
        assert (math.log(found.low), math.log(found.high)) == pytest.approx((low, high))


def test_runs_are_compared_as_welch_does() -> None:
    random = np.random.default_rng(4)
    one, other = random.lognormal(0.1, 0.05, 6), random.lognormal(0.0, 0.2, 9)
    found = estimate_unpaired(list(one), list(other))
    theirs = stats.ttest_ind(np.log(one), np.log(other), equal_var=False)
    assert found.p_different == pytest.approx(theirs.pvalue)
    edges = theirs.confidence_interval(0.95)
    assert (math.log(found.low), math.log(found.high)) == pytest.approx((edges.low, edges.high))
    assert found.blocks == 6


def test_runs_of_one_block_or_without_end_say_nothing() -> None:
    for one, other in (([1.0], [2.0, 3.0]), ([1.0, math.inf], [2.0, 3.0])):
        found = estimate_unpaired(one, other)
        assert (found.low, found.high, found.p_different) == (0.0, math.inf, 1.0)


def test_wild_blocks_reach_beyond_all_bounds() -> None:
    assert estimate(np.array([-200.0, 200.0])).high == math.inf


def test_no_difference_is_found_where_there_is_none() -> None:
    random = np.random.default_rng(1)
    false = sum(estimate(random.normal(0, 0.1, 4)).p_different < 0.05 for _ in range(2000))
    assert false / 2000 == pytest.approx(0.05, abs=0.015)


def test_equivalence_is_rarely_claimed_at_the_margin() -> None:
    random = np.random.default_rng(2)
    margin = math.log(1.05)
    false = sum(estimate(random.normal(margin, 0.01, 5)).p_equivalent < 0.05 for _ in range(2000))
    assert false / 2000 == pytest.approx(0.05, abs=0.015)
