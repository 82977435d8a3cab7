"""The generator against servers of which the truth is known."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.load.queueing import lindley, mean_time_in_system
from tests.load.truth import WARMUP_S, Round, play, running_server, settle
from twinbench.load.arrivals import fixed, schedule_arrivals
from twinbench.load.generator import Generator

PERCENTILES = (0.5, 0.99)


def quantile_error(round_: Round, share: float) -> float:
    """By how much the generator's percentile is off, in units of what is allowed."""
    seen = np.quantile(round_.latency, share)
    true = np.quantile(round_.truth, share)
    return float(abs(seen - true) / max(0.002, 0.05 * true))


def rate_error(round_: Round, offered: float) -> float:
    """By how much the rate was missed, in units of the 1 % that is allowed."""
    return abs(round_.report.achieved_rate / offered - 1) / 0.01


@pytest.mark.parametrize(("seconds", "rate"), [(0.005, 300), (0.05, 100)])
def test_percentiles_of_a_constant_time_server(
    generator: Generator, tmp_path: Path, seconds: float, rate: float
) -> None:
    """p50 and p99 within 2 ms or 5 %."""
    with running_server("constant", seconds) as server:

        def play_round(number: int) -> Round:
            requests = tmp_path / str(number)
            seen = play(generator, server, requests, rate=rate, seconds=2, seed=number)
            assert np.all(seen.latency >= seconds)
            return seen

        settle(play_round, lambda seen: max(quantile_error(seen, 0.5), quantile_error(seen, 0.99)))


def test_requests_leave_when_due_and_at_the_offered_rate(
    generator: Generator, tmp_path: Path
) -> None:
    """Half of them within half a millisecond: a timer that rounds to milliseconds fails."""
    with running_server("constant", 0.01) as server:

        def play_round(number: int) -> Round:
            seen = play(generator, server, tmp_path / str(number), rate=200, seconds=2, seed=number)
            assert len(seen.intended) == seen.report.arrivals == 400
            return seen

        def error(seen: Round) -> float:
            return max(rate_error(seen, 200), float(np.median(seen.sent - seen.intended)) / 0.0005)

        settle(play_round, error)


def test_a_frozen_server_cannot_hide(generator: Generator, tmp_path: Path) -> None:
    """It stops for 3 of 12 s: those who come meanwhile wait until it goes on, evenly spread."""
    frozen, seconds = 3.0, 12.0
    stops: list[float] = []

    with running_server("constant", 0.002) as server:

        def stop_for(origin: float) -> None:
            begin = origin + WARMUP_S + 4.0
            for instant, sent in ((begin, signal.SIGSTOP), (begin + frozen, signal.SIGCONT)):
                time.sleep(max(0.0, instant - time.monotonic()))
                os.kill(server.process.pid, sent)
                stops.append(time.monotonic() - origin)

        def play_round(number: int) -> Round:
            stops.clear()
            with ThreadPoolExecutor(1) as pool:

                def freeze(origin: float) -> None:
                    pool.submit(stop_for, origin)

                requests = tmp_path / str(number)
                return play(
                    generator, server, requests, rate=200, seconds=seconds, seed=3, started=freeze
                )

        def error(seen: Round) -> float:
            begin, end = stops
            p90 = float(np.quantile(seen.latency, 0.9))
            late = (seen.intended >= begin) & (seen.intended < end)
            waiting = np.where(late, end - seen.intended, 0.002)
            truths = (end - begin - 0.1 * seconds, float(np.quantile(waiting, 0.9)))
            return max(rate_error(seen, 200), *(abs(p90 / true - 1) / 0.10 for true in truths))

        settle(play_round, error)


@pytest.mark.parametrize("rho", [0.3, 0.6, 0.8])
def test_time_in_a_queue_with_constant_service(
    generator: Generator, tmp_path: Path, rho: float
) -> None:
    """M/D/1: mean time in system within 10 % of the formula, 5 % or 2 ms of these arrivals' own."""
    analytic = mean_time_in_system(rho, SERVICE_S)
    seed, realised = representative(rho)
    with running_server("queue", SERVICE_S) as server:

        def play_round(number: int) -> Round:
            requests, rate = tmp_path / str(number), rho / SERVICE_S
            return play(generator, server, requests, rate=rate, seconds=QUEUE_S, seed=seed)

        def error(seen: Round) -> float:
            mean = float(np.mean(seen.latency))
            allowed = max(0.002, 0.05 * realised)
            return max(abs(mean / analytic - 1) / 0.10, abs(mean - realised) / allowed)

        settle(play_round, error)


SERVICE_S = 0.02
QUEUE_S = 10.0


def representative(rho: float) -> tuple[int, float]:
    """A seed whose few arrivals wait on average as long as infinitely many would, and that mean.

    Ten seconds of a queue at 0.8 vary by a third from one draw to the next; that is chance in the
    arrivals, which `test_arrivals.py` holds to the formula over thousands of seconds.
    """
    for seed in range(1000):
        schedule = schedule_arrivals(
            fixed(rho / SERVICE_S, WARMUP_S) + fixed(rho / SERVICE_S, QUEUE_S),
            weights={"probe": 1},
            seed=seed,
        )
        window = schedule.times >= WARMUP_S
        mean = float(np.mean(lindley(schedule.times, SERVICE_S)[window]))
        if mean == pytest.approx(mean_time_in_system(rho, SERVICE_S), rel=0.01):
            return seed, mean
    raise AssertionError("no seed gives a typical queue")
