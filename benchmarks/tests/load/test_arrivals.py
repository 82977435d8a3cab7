import numpy as np
import pytest
from scipy import stats

from tests.load.test_truth import lindley
from twinbench.load.arrivals import ZipfSampler, poisson_schedule

MIX = {"browse": 60.0, "buy": 20.0, "account": 15.0, "operate": 5.0}


def test_every_segment_holds_exactly_the_offered_number() -> None:
    schedule = poisson_schedule(rate=12.5, segments=(2.0, 6.0, 0.5), weights=MIX, seed=1)
    counts = [np.sum((schedule.times >= a) & (schedule.times < b)) for a, b in ((0, 2), (2, 8))]
    assert counts == [25, 75]
    assert len(schedule) == 25 + 75 + 6
    assert np.all(np.diff(schedule.times) >= 0)


def test_the_seed_decides_everything() -> None:
    one, same, other = (
        poisson_schedule(rate=50, segments=(5.0,), weights=MIX, seed=seed) for seed in (7, 7, 8)
    )
    assert np.array_equal(one.times, same.times)
    assert np.array_equal(one.seeds, same.seeds)
    assert np.array_equal(one.kinds, same.kinds)
    assert not np.array_equal(one.times, other.times)


def test_gaps_are_exponential() -> None:
    schedule = poisson_schedule(rate=100, segments=(200.0,), weights=MIX, seed=4)
    gaps = np.diff(schedule.times)
    assert stats.kstest(gaps, "expon", args=(0, 1 / 100)).pvalue > 0.01
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 0.03


def test_counts_in_small_intervals_vary_as_poisson_does() -> None:
    schedule = poisson_schedule(rate=40, segments=(500.0,), weights=MIX, seed=5)
    counts = np.histogram(schedule.times, bins=np.arange(0, 500.5, 0.5))[0]
    assert np.var(counts) / np.mean(counts) == pytest.approx(1, abs=0.15)


def test_journeys_come_in_their_shares() -> None:
    schedule = poisson_schedule(rate=100, segments=(100.0,), weights=MIX, seed=6)
    shares = np.bincount(schedule.kinds) / len(schedule)
    assert dict(zip(schedule.names, shares, strict=True)) == pytest.approx(
        {name: weight / 100 for name, weight in MIX.items()}, abs=0.02
    )


@pytest.mark.parametrize("rho", [0.3, 0.6])
def test_arrivals_make_the_queue_that_theory_foresees(rho: float) -> None:
    service = 0.02
    schedule = poisson_schedule(rate=rho / service, segments=(4000.0,), weights=MIX, seed=9)
    mean = np.mean(lindley(schedule.times, service))
    assert mean == pytest.approx(service + rho * service / (2 * (1 - rho)), rel=0.02)


def test_nothing_offered_is_refused() -> None:
    for rate, weights in ((0.0, MIX), (1.0, {"browse": 0.0}), (1.0, {"a": 2.0, "b": -1.0})):
        with pytest.raises(ValueError, match="positive"):
            poisson_schedule(rate=rate, segments=(1.0,), weights=weights, seed=1)


def test_zipf_ranks_come_in_proportion() -> None:
    sampler = ZipfSampler(1000, 1.0)
    uniforms = np.random.default_rng(1).random(50_000)
    ranks = np.array([sampler.rank(uniform) for uniform in uniforms])
    shares = [np.mean(ranks == rank) for rank in (1, 2, 4)]
    assert shares[0] / shares[1] == pytest.approx(2, rel=0.1)
    assert shares[0] / shares[2] == pytest.approx(4, rel=0.15)
    assert (sampler.rank(0.0), sampler.rank(1 - 1e-16)) == (1, 1000)


def test_zipf_needs_something_to_choose_from() -> None:
    with pytest.raises(ValueError, match="nothing"):
        ZipfSampler(0, 1.0)
