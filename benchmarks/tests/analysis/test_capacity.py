"""The search against queues whose capacity is known."""

import heapq
import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from twinbench.analysis.capacity import (
    Done,
    Objective,
    Observation,
    Probe,
    Search,
    cross_check,
    next_step,
)

SERVICE_S = 0.02


def search(**changes: float) -> Search:
    return Search(**{"lowest": 1.0, "highest": 2000.0, "start": 20.0} | changes)  # type: ignore[arg-type]


def drive(search: Search, observe: Callable[[Probe], Observation]) -> tuple[Done, list[Probe]]:
    observations: list[Observation] = []
    probes: list[Probe] = []
    while isinstance(step := next_step(search, observations), Probe):
        probes.append(step)
        observations.append(observe(step))
        assert len(probes) < 200
    return step, probes


def beyond(capacity: float) -> Callable[[Probe], Observation]:
    """A server that is exact: 50 ms up to its capacity, 2 s above."""
    return lambda probe: Observation(
        probe.rate, 50.0 if probe.rate <= capacity else 2000.0, 0.0, confirming=probe.confirming
    )


@given(st.floats(1.1, 1900), st.sampled_from([0.02, 0.05, 0.1]))
def test_the_truth_lies_between_what_meets_and_what_fails(capacity: float, fine: float) -> None:
    done, probes = drive(search(resolution=fine), beyond(capacity))
    assert done.capacity is not None
    assert done.fails_at is not None
    assert done.capacity <= capacity < done.fails_at
    assert done.fails_at == pytest.approx(done.capacity * (1 + fine))
    assert [probe.confirming for probe in probes].count(True) == 1
    assert len(probes) <= 8 + math.log2(math.log(2) / math.log1p(fine)) + 3


def test_the_ends_of_the_range_are_ends() -> None:
    above, _ = drive(search(highest=50.0), beyond(1000))
    assert above.fails_at is None
    assert above.capacity is not None
    assert 50 / 1.05 < above.capacity <= 50
    below, _ = drive(search(lowest=5.0), beyond(1))
    assert below.capacity is None
    assert below.fails_at == pytest.approx(5.0, rel=0.05)


def test_errors_fail_a_rate_however_fast_it_is() -> None:
    def observe(probe: Probe) -> Observation:
        share = 0.0 if probe.rate < 100 else 0.01
        return Observation(probe.rate, 10.0, share, confirming=probe.confirming)

    done, _ = drive(search(), observe)
    assert done.capacity == pytest.approx(100, rel=0.05)


def test_near_the_limit_a_rate_is_repeated_and_the_median_decides() -> None:
    near = [Observation(20.0, 190.0, 0.0), Observation(20.0, 240.0, 0.0)]
    assert next_step(search(), near[:1]) == Probe(20.0)
    assert next_step(search(), near) == Probe(20.0)
    meets = next_step(search(), [*near, Observation(20.0, 195.0, 0.0)])
    assert isinstance(meets, Probe)
    assert meets.rate > 20
    fails = next_step(search(), [*near, Observation(20.0, 205.0, 0.0)])
    assert isinstance(fails, Probe)
    assert fails.rate < 20


def test_a_rate_that_is_not_confirmed_fails() -> None:
    short = beyond(100)
    long = beyond(80)
    done, probes = drive(search(), lambda p: long(p) if p.confirming else short(p))
    assert done.capacity is not None
    assert done.fails_at is not None
    assert done.capacity <= 80 < done.fails_at
    assert [probe.confirming for probe in probes].count(True) > 1


def test_void_trials_are_made_again_and_give_up_in_the_end() -> None:
    void = Observation(20.0, 10.0, 0.0, valid=False)
    assert next_step(search(), [void, void]) == Probe(20.0)
    assert next_step(search(), [void, void, void]) == Done(None, None, 3, void=True)
    good = Observation(20.0, 10.0, 0.0)
    assert next_step(search(), [void, void, good]) != Probe(20.0)


def test_a_void_confirmation_is_made_again() -> None:
    met = [Observation(20.0, 10.0, 0.0), Observation(20.0, 10.0, 0.0, False, True)]
    only = search(lowest=20.0, highest=20.0)
    assert next_step(only, met) == Probe(20.0, confirming=True)
    confirmed = Observation(20.0, 10.0, 0.0, True, True)
    assert next_step(only, [*met, confirmed]) == Done(20.0, None, 3)


def mmc_tail(rate: float, servers: int, at: float) -> float:
    """P(time in system > at) of M/M/c, by Erlang's C (Gross & Harris 1998, section 2.3)."""
    mu, load = 1 / SERVICE_S, rate * SERVICE_S
    terms = [load**n / math.factorial(n) for n in range(servers)]
    last = load**servers / math.factorial(servers) / (1 - load / servers)
    waits = last / (sum(terms) + last)
    drain = servers * mu - rate
    if abs(drain - mu) < 1e-6:
        return math.exp(-mu * at) * (1 + waits * mu * at)
    return math.exp(-mu * at) + waits * mu / (mu - drain) * (
        math.exp(-drain * at) - math.exp(-mu * at)
    )


def mmc_p95(random: np.random.Generator, rate: float, servers: int, seconds: float) -> float:
    """95th percentile in ms of the times in system of a simulated trial, after a warm-up."""
    arrivals = np.cumsum(random.exponential(1 / rate, max(20, round(rate * seconds))))
    free = [0.0] * servers
    spent = []
    for at, service in zip(arrivals, random.exponential(SERVICE_S, len(arrivals)), strict=True):
        done = max(at, heapq.heappop(free)) + service
        heapq.heappush(free, done)
        spent.append(done - at)
    return 1000 * float(np.quantile(spent[len(spent) // 10 :], 0.95))


@pytest.mark.parametrize("servers", [1, 4])
def test_the_capacity_of_a_noisy_queue_is_found(servers: int) -> None:
    limit = 0.2
    full = servers / SERVICE_S
    truth = brentq(lambda rate: mmc_tail(rate, servers, limit) - 0.05, 1, full * (1 - 1e-9))
    errors = []
    for seed in range(20):
        random = np.random.default_rng([seed, servers])

        def observe(probe: Probe, random: np.random.Generator = random) -> Observation:
            seconds = 90 if probe.confirming else 30
            found = mmc_p95(random, probe.rate, servers, seconds)
            return Observation(probe.rate, found, 0.0, confirming=probe.confirming)

        done, _ = drive(search(highest=400.0), observe)
        assert done.capacity is not None
        errors.append(abs(math.log(done.capacity / truth)))
        assert cross_check(done.capacity, cores=servers, cpu_ms_per_transaction=20).ratio < 1.05
    assert np.median(errors) <= 0.06
    assert np.quantile(errors, 0.9) <= 0.15


@pytest.mark.parametrize(("searched", "agrees"), [(95.0, True), (86.0, True), (84.0, False)])
def test_the_utilisation_law_agrees_within_a_tolerance(searched: float, agrees: bool) -> None:
    found = cross_check(searched, cores=2, cpu_ms_per_transaction=20)
    assert found.lawful == pytest.approx(100)
    assert found.agrees is agrees


def test_impossible_searches_are_refused() -> None:
    for changes in ({"start": 0.5}, {"resolution": 0.0}, {"repeats": 2}):
        with pytest.raises(ValueError, match=r"rates must|are needed"):
            search(**changes)
    with pytest.raises(ValueError, match="positive"):
        cross_check(10, cores=0, cpu_ms_per_transaction=20)
    assert Objective().limit_ms == 200
