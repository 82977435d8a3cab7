"""Estimates against known values, and against what they promise, by simulation."""

import math

import numpy as np
import pytest
from scipy import stats

from twinbench.analysis.ratios import estimate, log_ratios


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


@pytest.mark.parametrize(
    ("blocks", "runs", "least"),
    # The bootstrap over few blocks is known to fall short of its promise (Efron & Tibshirani 1993,
    # ch. 14); the t interval keeps it for log-normal ratios.
    [(4, 2000, 0.94), (12, 250, 0.88)],
)
def test_intervals_cover_the_truth_as_often_as_they_promise(
    blocks: int, runs: int, least: float
) -> None:
    random = np.random.default_rng(blocks)
    covered = 0
    for _ in range(runs):
        found = estimate(random.normal(0.4, 0.15, blocks))
        covered += found.low <= math.exp(0.4) <= found.high
    assert least <= covered / runs <= 0.985


def test_no_difference_is_found_where_there_is_none() -> None:
    random = np.random.default_rng(1)
    false = sum(estimate(random.normal(0, 0.1, 4)).p_different < 0.05 for _ in range(2000))
    assert false / 2000 == pytest.approx(0.05, abs=0.015)


def test_equivalence_is_rarely_claimed_at_the_margin() -> None:
    random = np.random.default_rng(2)
    margin = math.log(1.05)
    false = sum(estimate(random.normal(margin, 0.01, 5)).p_equivalent < 0.05 for _ in range(2000))
    assert false / 2000 == pytest.approx(0.05, abs=0.015)


def test_the_same_blocks_give_the_same_bootstrap() -> None:
    logs = np.random.default_rng(5).normal(0.2, 0.1, 10)
    assert estimate(logs, seed=3) == estimate(logs, seed=3)
