import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.load.queueing import lindley, mean_time_in_system
from twinbench.load.arrivals import (
    Schedule,
    Segment,
    constant_times,
    fixed,
    poisson_times,
    ramped,
    schedule_arrivals,
    stepped,
)
from twinbench.load.popularity import ZipfSampler

MIX = {"browse": 60.0, "buy": 20.0, "account": 15.0, "operate": 5.0}


def poisson(rate: float, seconds: float, seed: int) -> Schedule:
    return schedule_arrivals(fixed(rate, seconds), weights=MIX, seed=seed)


def counts(times: NDArray[np.float64], edges: list[float]) -> list[int]:
    return [int(count) for count in np.histogram(times, bins=edges)[0]]


def test_every_segment_holds_exactly_the_offered_number() -> None:
    schedule = schedule_arrivals(
        (*fixed(12.5, 2.0), *fixed(12.5, 6.0), *fixed(12.5, 0.5)), weights=MIX, seed=1
    )
    assert counts(schedule.times, [0, 2, 8, 9]) == [25, 75, 6]
    assert np.all(np.diff(schedule.times) >= 0)
    assert schedule.numbers.tolist() == list(range(106))


def test_short_segments_lose_nothing_by_rounding() -> None:
    course = stepped([0.3] * 100, 1.0)
    assert len(poisson_times(course, np.random.default_rng(1))) == 30
    assert len(constant_times(course)) == 30


def test_the_seed_decides_everything() -> None:
    one, same, other = (poisson(50, 5.0, seed) for seed in (7, 7, 8))
    assert np.array_equal(one.times, same.times)
    assert np.array_equal(one.seeds, same.seeds)
    assert np.array_equal(one.kinds, same.kinds)
    assert not np.array_equal(one.times, other.times)


def test_gaps_are_exponential() -> None:
    gaps = np.diff(poisson(100, 200.0, 4).times)
    assert stats.kstest(gaps, "expon", args=(0, 1 / 100)).pvalue > 0.01
    assert abs(np.corrcoef(gaps[:-1], gaps[1:])[0, 1]) < 0.03


def test_counts_in_small_intervals_vary_as_poisson_does() -> None:
    times = poisson(40, 500.0, 5).times
    found = np.histogram(times, bins=np.arange(0, 500.5, 0.5))[0]
    assert np.var(found) / np.mean(found) == pytest.approx(1, abs=0.15)


def test_constant_arrivals_keep_their_distance() -> None:
    times = constant_times((*fixed(0.0, 1.0), *fixed(50.0, 2.0), *fixed(100.0, 1.0)))
    assert len(times) == 200
    assert times[0] == pytest.approx(1.01)
    assert np.diff(times[:100]) == pytest.approx(0.02)
    assert np.diff(times[100:]) == pytest.approx(0.01)


def test_steps_hold_each_rate_for_as_long() -> None:
    times = poisson_times(stepped([10, 40, 20], 5.0), np.random.default_rng(2))
    assert counts(times, [0, 5, 10, 15]) == [50, 200, 100]


@pytest.mark.parametrize(("begin", "end"), [(0.0, 200.0), (200.0, 0.0), (50.0, 150.0)])
def test_a_ramp_is_followed_all_along(begin: float, end: float) -> None:
    """By either process: the share of arrivals before t is the integral of the rate up to t."""
    course = ramped(begin, end, 40.0)

    def expected(t: NDArray[np.float64]) -> NDArray[np.float64]:
        return (begin * t + (end - begin) / 40 * t**2 / 2) / course[0].expected

    random = poisson_times(course, np.random.default_rng(3))
    assert len(random) == 4000
    assert stats.kstest(expected(random), "uniform").pvalue > 0.01
    even = constant_times(course)
    assert expected(even) * 4000 == pytest.approx(np.arange(4000) + 0.5)


def test_a_process_on_a_ramp_is_poisson_where_time_is_stretched() -> None:
    """Carried back to a rate of 1, its gaps are exponential: the time-rescaling theorem."""
    times = poisson_times(ramped(20.0, 180.0, 40.0), np.random.default_rng(6))
    levels = 20 * times + 4 * times**2 / 2
    assert stats.kstest(np.diff(levels), "expon").pvalue > 0.01


def test_shares_are_everything_once_and_each_a_poisson_process() -> None:
    whole = poisson(200, 100.0, 8)
    shares = [whole.share(index, 3) for index in range(3)]
    numbers = np.concatenate([share.numbers for share in shares])
    assert sorted(numbers.tolist()) == list(range(len(whole)))
    for share in shares:
        assert np.array_equal(whole.times[share.numbers], share.times)
        assert np.array_equal(whole.kinds[share.numbers], share.kinds)
        gaps = np.diff(share.times)
        assert stats.kstest(gaps, "expon", args=(0, 3 / 200)).pvalue > 0.01
    found = [np.histogram(share.times, bins=np.arange(0, 100.5, 0.5))[0] for share in shares]
    assert abs(np.corrcoef(found[0], found[1])[0, 1]) < 0.2


def test_one_process_has_it_all() -> None:
    whole = poisson(20, 10.0, 8)
    assert np.array_equal(whole.share(0, 1).times, whole.times)


def test_journeys_come_in_their_shares() -> None:
    schedule = poisson(100, 100.0, 6)
    shares = np.bincount(schedule.kinds) / len(schedule)
    assert dict(zip(schedule.names, shares, strict=True)) == pytest.approx(
        {name: weight / 100 for name, weight in MIX.items()}, abs=0.02
    )


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.8])
def test_arrivals_make_the_queue_that_theory_foresees(rho: float) -> None:
    service = 0.02
    schedule = poisson(rho / service, 10_000.0, 9)
    mean = np.mean(lindley(schedule.times, service))
    assert mean == pytest.approx(mean_time_in_system(rho, service), rel=0.02)


@pytest.mark.parametrize(
    ("course", "weights"),
    [
        (fixed(0.0, 1.0), MIX),
        ((), MIX),
        ((Segment(1.0, -1.0, 2.0),), MIX),
        (fixed(1.0, 1.0), {"browse": 0.0}),
        (fixed(1.0, 1.0), {"a": 2.0, "b": -1.0}),
    ],
)
def test_what_offers_nothing_is_refused(
    course: tuple[Segment, ...], weights: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match=r"positive|below 0"):
        schedule_arrivals(course, weights=weights, seed=1)


def test_an_unknown_process_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown arrival process 'luck': poisson or constant"):
        schedule_arrivals(fixed(1, 1), weights=MIX, seed=1, process="luck")  # type: ignore[arg-type]


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
