"""The generator process: `python -m twinbench.load`, told on standard input what to play.

Each line names a plan file, which is removed when read. The requests are written as Parquet where
the plan says. The answers are JSON lines on standard output, two for each plan: `{"origin":
monotonic seconds}` as the trial begins, the report at its end.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import gevent
import orjson

from twinbench.load.arrivals import Schedule, ZipfSampler, poisson_schedule
from twinbench.load.clock import PreciseClock
from twinbench.load.journeys import JOURNEYS
from twinbench.load.plan import GeneratorReport, LoadPlan
from twinbench.load.recorder import Recorder
from twinbench.load.report import generator_report
from twinbench.load.runner import ArrivalRunner
from twinbench.load.users import ShopUser, Stage, StagedEnvironment, record_requests

_LEAD_IN_S = 0.25
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
    for line in sys.stdin:
        path = Path(line.rstrip("\n"))
        plan = LoadPlan.read(path)
        path.unlink()
        perform(plan)


def perform(plan: LoadPlan) -> None:
    """Play one plan from beginning to end."""
    os.sched_setaffinity(0, plan.cores)
    schedule = poisson_schedule(
        rate=plan.rate, segments=plan.segments, weights=plan.mix, seed=plan.seed
    )
    stage = Stage(
        shop=plan.shop,
        ranks=ZipfSampler(len(plan.shop.products), plan.zipf),
        think_s=plan.think_s,
        clock=PreciseClock(),
        recorder=Recorder(),
    )
    report, origin = _play(plan, schedule, stage)
    stage.recorder.write(Path(plan.requests_path), trial=plan.trial, origin=origin)
    _say(asdict(report))


def _play(plan: LoadPlan, schedule: Schedule, stage: Stage) -> tuple[GeneratorReport, float]:
    environment = StagedEnvironment(
        user_classes=[JOURNEYS[name] for name in schedule.names],
        host=plan.shop.base_url,
        catch_exceptions=False,
    )
    ShopUser.host = plan.shop.base_url
    environment.stage = stage
    record_requests(environment, stage.recorder)
    runner = ArrivalRunner(environment)
    runner.make_users(schedule.names, _USERS_MADE_AHEAD)
    gc.collect()
    gc.freeze()  # what exists now need not be looked at again while the clock runs
    origin = time.monotonic() + _LEAD_IN_S
    _say({"origin": origin})
    window = (origin + plan.warmup_s, origin + plan.warmup_s + plan.measure_s)
    usage = gevent.spawn(_usage_between, stage.clock, *window)
    runner.play(schedule, origin=origin, end=window[1] + plan.tail_s, drain_s=plan.drain_s)
    before, after = usage.get()
    report = generator_report(
        stage.recorder.rows,
        schedule_times=schedule.times + origin,
        window=window,
        in_flight=runner.in_flight,
        cpu_seconds=after.cpu - before.cpu,
        waited_seconds=after.waited - before.waited,
        shared_customers=stage.shared_customers,
    )
    runner.quit()
    gc.unfreeze()
    stage.clock.close()
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


if __name__ == "__main__":
    main()
