"""Floors: what share of its framework's best each arm delivers, page by page.

Arm and floor take turns under a closed loop that keeps them busy, on the same core, behind the
same gateway configuration, over the same database. Throughput is what a full core serves;
CPU per request is the steadier figure.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import Bench, prepared_bench, run_provenance
from twinbench.experiments.floor_servers import FLOORS, FloorServer, running_floor
from twinbench.experiments.watcher import Watcher
from twinbench.load.preparation import PreparationError, Range, fetch, read_range
from twinbench.load.saturation import ClosedLoop
from twinbench.measure.host import CoreTimes
from twinbench.results.rows import SaturationRow
from twinbench.results.store import RunWriter
from twinbench.topology import Topology
from twinbench.topology import load as load_topology

ARMS: Final = tuple(floor.arm for floor in FLOORS)
TARGETS: Final = ("floor", "arm")
# Least share of its floor that an arm is meant to reach, of CPU and of throughput alike.
GOALS: Final = {
    "monolith": {"list": 0.55, "page": 0.55},
    "microservices": {"list": 0.55, "page": 0.30},
}


@dataclass(frozen=True, slots=True)
class FloorSettings:
    """Durations in seconds; `connections` are kept busy at once."""

    seed: int
    out: Path
    blocks: int = 4
    warmup_s: float = 1.0
    measure_s: float = 3.0
    connections: int = 16

    @property
    def trial_s(self) -> float:
        return self.warmup_s + self.measure_s

    def configuration(self) -> dict[str, Any]:
        own = {name: value for name, value in asdict(self).items() if name not in {"out", "seed"}}
        return own | {"arms": list(ARMS), "goals": GOALS}


@dataclass(frozen=True, slots=True)
class _Turn:
    block: int
    arm: str
    page: str
    target: str


def run_floors(engine: Engine, settings: FloorSettings, watcher: Watcher) -> Path:
    """Run the experiment and return its run folder.

    Arms that were down are brought up, and taken down again when all is done or given up.
    Raises EngineError, PreparationError, SaturationError or OSError.
    """
    was_running = engine.status().running
    try:
        watcher.phase("starting both arms")
        engine.up(ARMS, progress=watcher.component)
        with prepared_bench(engine, ARMS) as bench:
            return _measure(bench, settings, watcher)
    finally:
        if not was_running:
            watcher.phase("stopping")
            engine.down()


def _measure(bench: Bench, settings: FloorSettings, watcher: Watcher) -> Path:
    topology = load_topology()
    goods = read_range(bench.engine.gateway(ARMS[0]))
    provenance = run_provenance(
        bench, "floors", configuration=settings.configuration(), seed=settings.seed
    )
    with ExitStack() as stack:
        watcher.phase("starting the floors")
        floors = _start_floors(stack, bench, topology)
        pages = _pages(goods, settings.seed)
        _require_same_answers(bench, floors, pages)
        turns = _turns(settings)
        watcher.planned(len(turns) * settings.trial_s)
        writer = RunWriter.create(settings.out, provenance, tables=("saturation",))
        for number, turn in enumerate(turns, start=1):
            watcher.trial_begins(_describe(turn, settings), settings.trial_s)
            row = _take_turn(bench, floors, pages, settings, (number, turn))
            writer.add_trial(number, {"saturation": [row]}, **asdict(turn))
    writer.finish()
    return writer.folder
