"""Rounds of load against servers whose truth is known.

The machine may be shared, and what others take from a round is not the generator's error. So each
server notes when requests came and when it answered, on the clock that the generator uses, and a
test compares what the generator says with what became of the requests, not with what should have.
What is left is the generator's own: sending late and noticing answers late. Others can only add to
that, never take away, so of several rounds the best one is the generator's; a mistake in it would
show in all of them. Where all rounds were disturbed (the kernel counts for how long generator and
server were kept waiting for a core) and none is good, nothing is known, and the test is skipped.
"""

import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import orjson
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from twinbench.load.generator import Generator
from twinbench.load.plan import Customer, GeneratorReport, LoadPlan, Shop

WARMUP_S = 0.5
ROUNDS = 6
_MOST_WAITING = 0.02
_LAST_CORE = (max(os.sched_getaffinity(0)),)


@dataclass(frozen=True, slots=True)
class TestServer:
    """A running server process of `server.py`."""

    __test__ = False

    url: str
    process: "subprocess.Popen[bytes]"

    def waited(self) -> float:
        """Seconds that the server was ready to run but another program had its core."""
        schedstat = Path(f"/proc/{self.process.pid}/schedstat").read_text("ascii")
        return int(schedstat.split()[1]) / 1e9

    def log(self) -> NDArray[np.float64]:
        """[came, answered] of every request since the last call, in order of coming."""
        with urllib.request.urlopen(f"{self.url}/log", timeout=10) as response:  # noqa: S310
            rows = np.array(orjson.loads(response.read()), dtype=np.float64).reshape(-1, 2)
        return rows[np.argsort(rows[:, 0])]


@dataclass(frozen=True, slots=True)
class Round:
    """What the generator saw of the measured window, in seconds, beside what the server did."""

    report: GeneratorReport
    intended: NDArray[np.float64]
    sent: NDArray[np.float64]
    finished: NDArray[np.float64]
    answered: NDArray[np.float64]
    disturbed: bool

    @property
    def latency(self) -> NDArray[np.float64]:
        return self.finished - self.intended

    @property
    def truth(self) -> NDArray[np.float64]:
        """From the scheduled arrival to the instant at which the server gave its answer."""
        return self.answered - self.intended


@contextmanager
def running_server(mode: str, seconds: float) -> Iterator[TestServer]:
    script = Path(__file__).with_name("server.py")
    command = [sys.executable, str(script), mode, str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline())
            yield TestServer(f"http://127.0.0.1:{port}", process)
        finally:
            process.kill()


def play(
    generator: Generator,
    server: TestServer,
    requests: Path,
    *,
    rate: float,
    seconds: float,
    seed: int,
    started: Callable[[float], None] = lambda _: None,
) -> Round:
    """One round of probes, each a journey of one request."""
    server.log()
    waited = server.waited()
    origins: list[float] = []

    def note(origin: float) -> None:
        origins.append(origin)
        started(origin)

    plan = probe_plan(server.url, requests, rate=rate, seconds=seconds, seed=seed)
    report = generator.play(plan, started=note)
    table = pq.read_table(requests)
    assert table["finished_ns"].null_count == 0
    intended, sent, finished = (
        table[name].to_numpy() / 1e9 for name in ("intended_ns", "sent_ns", "finished_ns")
    )
    kept_waiting = (server.waited() - waited) / (WARMUP_S + seconds)
    answered = server.log()[:, 1] - origins[0]
    assert len(answered) == len(intended)
    window = (intended >= WARMUP_S) & (intended < WARMUP_S + seconds)
    return Round(
        report,
        intended[window],
        sent[window],
        finished[window],
        _in_order_of(finished, answered)[window],
        disturbed=max(report.wait, kept_waiting) > _MOST_WAITING,
    )


def settle(play_round: Callable[[int], Round], error: Callable[[Round], float]) -> None:
    """Play rounds until one's error is at most 1, in units of what is allowed."""
    errors: list[float] = []
    disturbed: list[bool] = []
    for number in range(ROUNDS):
        round_ = play_round(number)
        errors.append(error(round_))
        disturbed.append(round_.disturbed)
        if errors[-1] <= 1:
            return
    told = f"errors in units of what is allowed: {[round(one, 2) for one in errors]}"
    if all(disturbed):
        pytest.skip(f"other programs kept generator or server waiting in every round; {told}")
    pytest.fail(told)


def probe_plan(url: str, requests: Path, *, rate: float, seconds: float, seed: int) -> LoadPlan:
    return LoadPlan(
        trial=1,
        rate=rate,
        warmup_s=WARMUP_S,
        measure_s=seconds,
        tail_s=0.0,
        drain_s=10.0,
        seed=seed,
        mix={"probe": 1.0},
        zipf=1.0,
        think_s=0.0,
        cores=_LAST_CORE,
        requests_path=str(requests),
        shop=Shop(url, (Customer("", "", ""),), "", ("books",), ("oak",), (1,)),
    )


def _in_order_of(
    finished: NDArray[np.float64], answered: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The n-th answer to arrive is taken to be the n-th that was sent."""
    matched = np.empty_like(answered)
    matched[np.argsort(finished, kind="stable")] = np.sort(answered)
    return matched
