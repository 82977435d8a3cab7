"""Floors: what share of its framework's best each arm delivers, page by page.

Arm and floor take turns under a closed loop that keeps them busy, on the same core, behind the
same gateway configuration, over the same database. Throughput is what a full core serves;
CPU per request is the steadier figure.
"""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.auditing import Auditor
from twinbench.experiments.bench import Bench, arms_up, prepared_bench, run_provenance
from twinbench.experiments.floor_servers import FLOORS, FloorServer, running_floor
from twinbench.experiments.watcher import Watcher
from twinbench.load.preparation import PreparationError, Range, answer, read_range
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
    with arms_up(engine, ARMS, watcher), prepared_bench(engine, ARMS) as bench:
        return _measure(bench, settings, watcher)


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
        auditor = Auditor(bench.engine)
        for arm in ARMS:
            bench.only(arm)
            auditor.begin(arm)
        turns = _turns(settings)
        watcher.remaining(len(turns) * settings.trial_s)
        writer = stack.enter_context(
            RunWriter.create(settings.out, provenance, tables=("saturation", "audits"))
        )
        for number, turn in enumerate(turns, start=1):
            watcher.trial_begins(_describe(turn, settings), settings.trial_s)
            row = _take_turn(
                bench, floors[turn.arm], pages[turn.page], settings, number=number, turn=turn
            )
            auditor.resume(turn.arm)
            audit = auditor.audit(turn.arm, number).row
            watcher.audited(audit)
            writer.add_trial(number, {"saturation": [row], "audits": [audit]}, **asdict(turn))
    writer.finish()
    return writer.folder


def _start_floors(stack: ExitStack, bench: Bench, topology: Topology) -> dict[str, FloorServer]:
    """Each while its own arm runs alone, for it needs the arm's database to become ready."""
    servers = {}
    for floor in FLOORS:
        bench.only(floor.arm)
        servers[floor.arm] = stack.enter_context(running_floor(bench, topology, floor))
    return servers


def _pages(goods: Range, seed: int) -> Mapping[str, tuple[str, ...]]:
    """Paths under /api/v1: a category's bestsellers, and products, the popular ones first."""
    order = np.random.default_rng(seed)
    lists = [f"/products?category={slug}&sort=bestselling" for slug in goods.categories]
    products = [f"/products/{number}" for number in goods.products[:200]]
    return {
        "list": tuple(lists[index] for index in order.permutation(len(lists))),
        "page": tuple(products[index] for index in order.permutation(len(products))),
    }


def _require_same_answers(
    bench: Bench, floors: Mapping[str, FloorServer], pages: Mapping[str, tuple[str, ...]]
) -> None:
    """A floor that answers otherwise is no floor. Stock may differ: see floors/README.md."""
    for arm, floor in floors.items():
        bench.only(arm)
        for paths in pages.values():
            bare = dict(answer(floor.base_url, paths[0]))
            whole = dict(answer(bench.engine.gateway(arm), paths[0]))
            if bare | {"available": None} != whole | {"available": None}:
                raise PreparationError(f"the floor of {arm} answers {paths[0]} unlike the arm")


def _turns(settings: FloorSettings) -> list[_Turn]:
    """Complete blocks: pages of arms in random order, floor and arm of a page back to back."""
    order = np.random.default_rng(settings.seed)
    pairs = [(arm, page) for arm in ARMS for page in GOALS[arm]]
    return [
        _Turn(block, pairs[pair][0], pairs[pair][1], TARGETS[target])
        for block in range(settings.blocks)
        for pair in order.permutation(len(pairs))
        for target in order.permutation(len(TARGETS))
    ]


def _describe(turn: _Turn, settings: FloorSettings) -> str:
    what = f"{turn.arm}'s floor" if turn.target == "floor" else turn.arm
    return f"block {turn.block + 1}/{settings.blocks}: product {turn.page} of {what}"


def _take_turn(
    bench: Bench,
    floor: FloorServer,
    paths: Sequence[str],
    settings: FloorSettings,
    *,
    number: int,
    turn: _Turn,
) -> SaturationRow:
    bench.only(turn.arm)
    gateway = bench.engine.gateway(turn.arm)
    base_url = floor.base_url if turn.target == "floor" else gateway
    cores = (*bench.division.generator, *bench.division.arm)
    full = [f"/api/v1{path}" for path in paths]
    with ClosedLoop(base_url, full, connections=settings.connections) as loop:
        loop.measure(settings.warmup_s)
        cores_before, cpu_before = CoreTimes.now(cores), _cpu_seconds(bench, turn.arm, floor)
        requests, seconds = loop.measure(settings.measure_s)
        cpu_after = _cpu_seconds(bench, turn.arm, floor)
    return SaturationRow(
        trial=number,
        block=turn.block,
        arm=turn.arm,
        page=turn.page,
        target=turn.target,
        seconds=seconds,
        requests=requests,
        cpu_seconds=cpu_after - cpu_before,
        steal=cores_before.steal_until(CoreTimes.now(cores)),
    )


def _cpu_seconds(bench: Bench, arm: str, floor: FloorServer) -> float:
    """Of arm and floor together, so that what idles beside the busy one counts in both."""
    stats = bench.engine.stats(arm, memory=False)
    return sum(component.cpu_seconds for component in stats) + floor.cpu_seconds()
