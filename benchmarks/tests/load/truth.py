"""Rounds of load against servers whose truth is known.

The machine may be shared, and what others take from a round is not the generator's error. So each
server notes when requests came and when it answered, on the clock that the generator uses, and a
test compares what the generator says with what became of the requests, not with what should have.
What is left is the generator's own: sending late and noticing answers late. Others can only add to
that, never take away: a good round proves the generator good. A bad one proves it bad unless the
machine was stolen from it, as the generator's lag and the kernel's account of waiting show; then it
is void and played again. Where every round is void nothing is known, and that is a failure too.
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
ROUNDS = 8
# Ready to run but kept waiting, by share of the round; late in sending although not kept waiting.
_MOST_WAITING = 0.005
_MOST_LAG_MS = 2.0
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
    waited: float

    @property
    def stolen(self) -> str | None:
        """How the machine was taken from generator or server, if it was."""
        if self.waited > _MOST_WAITING:
            return f"kept waiting {self.waited:.1%} of the time"
        if self.report.lag_p99_ms > _MOST_LAG_MS and self.waited > 0:
            return f"kept waiting, and {self.report.lag_p99_ms:.1f} ms late (p99)"
        return None

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
        waited=max(report.wait, kept_waiting),
    )


def settle(play_round: Callable[[int], Round], error: Callable[[Round], float]) -> None:
    """Play rounds until one decides: `error` is in units of what is allowed, at most 1 is good."""
    voided: list[str] = []
    for number in range(ROUNDS):
        round_ = play_round(number)
        found = error(round_)
        if found <= 1:
            return
        stolen = round_.stolen
        if stolen is None:
            pytest.fail(f"{found:.2f} times the error that is allowed, undisturbed; void: {voided}")
        voided.append(f"{found:.2f} times, {stolen}")
    pytest.fail(f"the machine is too busy to tell: all {ROUNDS} rounds are void: {voided}")


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
