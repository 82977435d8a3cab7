"""Driving an arm until it is warm, and learning there what a journey costs it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyarrow.parquet as pq

from twinbench.experiments.design import Slot
from twinbench.experiments.levels import level_after, windows_of
from twinbench.experiments.profiles import Timing
from twinbench.experiments.trial import Trials
from twinbench.load.plan import GeneratorReport

# Until the first journeys have come to their later requests.
_LEAD_S: Final = 1.5
_WATCHED_S: Final = 4.0
_DRAIN_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Warmth:
    """How an arm warmed up: in how many `seconds`, and whether it was `level` then.

    `cpu_s` is its CPU time per journey; `cpu` and `memory_bytes` are those of each component.
    """

    seconds: float
    level: bool
    cpu_s: float
    cpu: Mapping[str, float]
    memory_bytes: Mapping[str, int]


def warm_up(trials: Trials, arm: str, *, rate: float, most_s: float, seed: int) -> Warmth:
    """Drive the arm, a few seconds at a time, until `level_after` holds or `most_s` are over.

    Once at least: what is to be divided by use must have been used.
    """
    began = time.monotonic()
    step = Timing(_LEAD_S, _WATCHED_S, 0.0, _DRAIN_S)
    engine = trials.bench.engine
    before = {one.name: one.cpu_seconds for one in engine.stats(arm, memory=False)}
    journeys = 0.0
    with TemporaryDirectory(prefix="twinbench-warming-") as folder:
        requests = Path(folder) / "requests.parquet"
        level = False
        while not level and (not journeys or time.monotonic() - began < most_s):
            slot = Slot(block=-1, position=-1, arm=arm, rate=rate, seed=seed)
            journeys += trials.play(slot, step, requests).arrivals + rate * _LEAD_S
            windows = windows_of(pq.read_table(requests), begin=_LEAD_S, seconds=_WATCHED_S)
            level = level_after(windows) is not None
            seed += 1
    after = engine.stats(arm)
    cpu = {one.name: one.cpu_seconds - before[one.name] for one in after}
    return Warmth(
        seconds=time.monotonic() - began,
        level=level,
        cpu_s=sum(cpu.values()) / journeys if journeys else 0.0,
        cpu=cpu,
        memory_bytes={one.name: one.pss_bytes or 0 for one in after},
    )


def refresh(trials: Trials, arm: str, *, rate: float, seconds: float, seed: int) -> GeneratorReport:
    """Drive the arm for a fixed time, as after a reset that has emptied its caches."""
    with TemporaryDirectory(prefix="twinbench-warming-") as folder:
        slot = Slot(block=-1, position=-1, arm=arm, rate=rate, seed=seed)
        timing = Timing(0.0, seconds, 0.0, _DRAIN_S)
        return trials.play(slot, timing, Path(folder) / "requests.parquet")


def cpu_per_journey(trials: Trials, arm: str, *, rate: float, seconds: float, seed: int) -> float:
    """CPU seconds of the whole arm for one journey, driven for so long. Raises EngineError."""

    def used() -> float:
        return sum(one.cpu_seconds for one in trials.bench.engine.stats(arm, memory=False))

    before = used()
    report = refresh(trials, arm, rate=rate, seconds=seconds, seed=seed)
    return (used() - before) / report.arrivals
