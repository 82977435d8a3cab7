"""Differences of shares: known values, and what their intervals promise, by simulation."""

import math

import numpy as np
import pytest

from twinbench.analysis.gaps import Gap, Tally, gap

# How far shares of one arm differ between units: a Beta of that many imagined counts.
LIKE, UNLIKE = 400.0, 15.0


def test_of_two_shares_the_interval_is_newcombes() -> None:
    """Newcombe 1998, table II, method 10: 56/70 less 48/80 lies within 0.0524 and 0.3339."""
    found = gap([Tally(24, 40)] * 2, [Tally(28, 35)] * 2)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert (found.first, found.second, found.verdict) == (0.6, 0.8, "higher")


def test_one_unit_says_nothing_surely() -> None:
    found = gap([Tally(0, 50)], [Tally(50, 50)])
    assert (found.low, found.high) == (-math.inf, math.inf)
    assert found.verdict == "inconclusive"


def test_no_failures_in_few_are_no_certainty() -> None:
    assert gap([Tally(0, 20)] * 3, [Tally(0, 20)] * 3).verdict == "inconclusive"
    assert gap([Tally(0, 900)] * 3, [Tally(0, 900)] * 3).verdict == "equivalent"


def test_arms_must_have_the_same_units() -> None:
    for first in ([], [Tally(1, 2)]):
        with pytest.raises(ValueError, match="both arms in every unit"):
            gap(first, [])


def simulated(
    shares: tuple[float, float], *, units: int, each: int, spread: float, runs: int = 400
) -> list[Gap]:
    random = np.random.default_rng(round(1000 * shares[1]) + units)
    found = []
    for _ in range(runs):
        sides = [
            [
                Tally(int(random.binomial(each, random.beta(spread * p, spread * (1 - p)))), each)
                for _ in range(units)
            ]
            for p in shares
        ]
        found.append(gap(*sides))
    return found


@pytest.mark.parametrize("shares", [(0.3, 0.3), (0.05, 0.05), (0.6, 0.9)])
@pytest.mark.parametrize(("units", "spread"), [(3, UNLIKE), (8, LIKE), (8, UNLIKE)])
def test_intervals_hold_the_truth(shares: tuple[float, float], units: int, spread: float) -> None:
    found = simulated(shares, units=units, each=40, spread=spread)
    truth = shares[1] - shares[0]
    assert np.mean([one.low <= truth <= one.high for one in found]) >= 0.93


def test_false_verdicts_are_rare_and_true_differences_are_found() -> None:
    same = simulated((0.2, 0.2), units=8, each=60, spread=LIKE)
    assert np.mean([one.verdict in {"lower", "higher"} for one in same]) <= 0.05
    apart = simulated((0.4, 0.15), units=8, each=60, spread=LIKE)
    assert np.mean([one.verdict == "lower" for one in apart]) >= 0.9
    near = simulated((0.2, 0.23), units=8, each=60, spread=LIKE)
    assert np.mean([one.verdict == "equivalent" for one in near]) <= 0.05
