"""A generator process: `python -m twinbench.load INDEX COUNT`, told on standard input what to play.

Each trial is a conversation in JSON lines. Told `{"plan": file, "requests": file}`, it prepares its
share of the plan's arrivals and says `{"ready": true}`. Told `{"origin": monotonic seconds}`, it
plays, writes one row per request to the second file, and says how it fared.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import gevent
import numpy as np
import orjson

from twinbench.load.arrivals import Schedule, schedule_arrivals
from twinbench.load.clock import PreciseClock
from twinbench.load.journeys import JOURNEYS
from twinbench.load.plan import LoadPlan, ProcessReport
from twinbench.load.popularity import ZipfSampler
from twinbench.load.recorder import Recorder
from twinbench.load.runner import ArrivalRunner
from twinbench.load.users import ShopUser, Stage, StagedEnvironment

_PR_SET_PDEATHSIG = 1
_USERS_MADE_AHEAD = 16


@dataclass(frozen=True, slots=True)
class _Usage:
    """CPU seconds this process has used, and seconds it has waited for a core."""

    cpu: float
    waited: float

    @classmethod
    def now(cls) -> "_Usage":
        waited = Path("/proc/self/schedstat").read_text("ascii").split()[1]
        return cls(time.process_time(), int(waited) / 1e9)


def main() -> None:
    _end_with_parent()
    index, count = (int(word) for word in sys.argv[1:])
    for line in sys.stdin:
        task = orjson.loads(line)
        plan = LoadPlan.read(Path(task["plan"]))
        perform(plan, Path(task["requests"]), index=index, count=count)


def perform(plan: LoadPlan, requests: Path, *, index: int, count: int) -> None:
    """Play one process's share of one plan from beginning to end."""
    cores = plan.cores if count == 1 else (plan.cores[index % len(plan.cores)],)
    os.sched_setaffinity(0, cores)
    schedule = schedule_arrivals(
        plan.whole_course, weights=plan.mix, seed=plan.seed, process=plan.process
    ).share(index, count)
    stage = Stage(
        # Each process acts for customers of its own, or two journeys would share a cart.
        shop=plan.shop.with_customers(plan.shop.customers[index::count] or plan.shop.customers),
        ranks=ZipfSampler(len(plan.shop.products), plan.zipf),
        think_s=plan.think_s,
        clock=PreciseClock(),
        recorder=Recorder(),
    )
    report, origin = _play(plan, schedule, stage)
    stage.recorder.write(requests, trial=plan.trial, origin=origin)
    _say(asdict(report))


def _play(plan: LoadPlan, schedule: Schedule, stage: Stage) -> tuple[ProcessReport, float]:
    environment = StagedEnvironment(
        user_classes=[JOURNEYS[name] for name in schedule.names],
        host=plan.shop.base_url,
        catch_exceptions=False,
    )
    ShopUser.host = plan.shop.base_url
    environment.stage = stage
    runner = ArrivalRunner(environment)
    runner.make_users(schedule.names, _USERS_MADE_AHEAD)
    gevent.sleep(0)  # the users' greenlets begin, and wait for their journeys
    _say({"ready": True})
    origin: float = _hear()["origin"]
    gc.collect()
    gc.disable()  # a collection stops every journey, for longer the more rows there are
    begin, end = origin + plan.warmup_s, origin + plan.warmup_s + plan.measure_s
    usage = gevent.spawn(_usage_between, stage.clock, begin, end)
    runner.play(schedule, origin=origin, end=end + plan.tail_s, drain_s=plan.drain_s)
    before, after = usage.get()
    runner.quit()
    gc.enable()
    stage.clock.close()
    levels = [level for at, level in runner.in_flight if begin <= at < end]
    report = ProcessReport(
        cpu=(after.cpu - before.cpu) / plan.measure_s,
        wait=(after.waited - before.waited) / plan.measure_s,
        in_flight_mean=float(np.mean(levels)) if levels else 0.0,
        shared_customers=stage.customers.shared,
        told=tuple(stage.recorder.told),
    )
    return report, origin


def _usage_between(clock: PreciseClock, begin: float, end: float) -> tuple[_Usage, _Usage]:
    clock.wait_until(begin)
    before = _Usage.now()
    clock.wait_until(end)
    return before, _Usage.now()


def _end_with_parent() -> None:
    """However the parent ends: load without anyone to measure it only does harm."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _say(message: dict[str, object]) -> None:
    sys.stdout.buffer.write(orjson.dumps(message) + b"\n")
    sys.stdout.buffer.flush()


def _hear() -> dict[str, Any]:
    heard: dict[str, Any] = orjson.loads(sys.stdin.readline())
    return heard


if __name__ == "__main__":
    main()
