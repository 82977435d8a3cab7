"""The bench a trial takes place on: who has which cores, who runs and who is frozen."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twinbench.engines.protocol import OUTSIDE, AppliedLimit, Engine, EngineError, Limit
from twinbench.experiments.budgets import (
    UNLIMITED,
    Budget,
    even,
    limit_of,
)
from twinbench.experiments.switchboards import require_none
from twinbench.experiments.tracing import require_untraced, traced, tracing_from_the_start
from twinbench.experiments.watcher import Watcher
from twinbench.measure.host import describe_host
from twinbench.paths import CHECKOUT
from twinbench.results.provenance import git_revision, versions
from twinbench.results.rows import Provenance
from twinbench.topology import load as load_topology

_CORES_PER_GENERATOR_CORE = 4


class TooFewCoresError(EngineError):
    """The machine cannot keep load generation and arms apart."""


@dataclass(frozen=True, slots=True)
class Division:
    """Cores of the generator (and of all that is outside the arms), cores of the arm."""

    generator: tuple[int, ...]
    arm: tuple[int, ...]


def divide_cores(cores: Sequence[int]) -> Division:
    """The last core to the generator, one more for every four; the rest to the arm.

    Raises TooFewCoresError for a single core.
    """
    if len(cores) < 2:  # noqa: PLR2004 - one each
        raise TooFewCoresError("measuring needs two cores: one generates load, the others serve it")
    count = max(1, len(cores) // _CORES_PER_GENERATOR_CORE)
    ordered = sorted(cores)
    return Division(generator=tuple(ordered[-count:]), arm=tuple(ordered[:-count]))


@dataclass(slots=True)
class Bench:
    """All arms up, each confined to the arm's cores, all frozen but the one `only` names."""

    engine: Engine
    arms: tuple[str, ...]
    division: Division
    limits: dict[str, AppliedLimit]
    running: str | None = None

    def limit(self, arm: str, limit: Limit) -> None:
        """Put a limit in force; the arm may be started anew by it."""
        self.engine.thaw(arm)
        if self.running != arm:
            self.running = None
        self.limits[arm] = self.engine.limit(arm, limit)

    def only(self, arm: str) -> None:
        """Let this arm run and freeze the others."""
        if arm == self.running:
            return
        self.running = arm
        for other in self.arms:
            if other != arm:
                self.engine.freeze(other)
        self.engine.thaw(arm)


@contextmanager
def arms_up(
    engine: Engine, arms: tuple[str, ...], watcher: Watcher, *, trace: bool = False
) -> Iterator[None]:
    """The arms, ready. Those that were down are taken down again when the block is left.

    Tracing costs time, and so do switchboards for faults: arms that are up with either are refused,
    unless tracing is what is wanted.
    """
    before = engine.status()
    try:
        for arm in arms:
            if arm in before.arms:
                engine.thaw(arm)  # a run that was killed may have left it frozen
        watcher.phase(f"starting {', '.join(arms)}")
        # What ran before is to run on without.
        at_once = trace and not before.running
        with tracing_from_the_start() if at_once else nullcontext():
            engine.up(arms, progress=watcher.component)
        require_none(engine, arms)
        with ExitStack() as stack:
            if trace:
                stack.enter_context(traced(engine, arms, watcher, back=before.running))
            else:
                require_untraced(engine, arms)
            yield
    finally:
        if not before.running:
            watcher.phase("stopping")
            engine.down()


@contextmanager
def prepared_bench(
    engine: Engine, arms: tuple[str, ...], budget: Budget = UNLIMITED
) -> Iterator[Bench]:
    """Confines arms and generator to their cores; on leaving, all is as it was before.

    A budget is in force as a shared pool, or divided evenly where it is to be; right sizes are
    known when the arm has been seen at work. This process moves to the generator's cores: it must
    not disturb the arm either.
    """
    own_cores = os.sched_getaffinity(0)
    division = divide_cores(engine.abilities().cores)
    try:
        bench = Bench(engine, arms, division, {})
        for arm in arms:
            shares = even(components_of(engine, arm)) if budget.partition == "even" else None
            bench.limit(arm, limit_of(budget, division.arm, cpu=shares, memory=shares))
        engine.limit(OUTSIDE, Limit(cores=frozenset(division.generator)))
        os.sched_setaffinity(0, division.generator)
        yield bench
    finally:
        os.sched_setaffinity(0, own_cores)
        for arm in arms:
            engine.thaw(arm)
            engine.limit(arm, Limit())
        engine.limit(OUTSIDE, Limit())


def components_of(engine: Engine, arm: str) -> tuple[str, ...]:
    """Those that run on, as opposed to jobs."""
    return tuple(stats.name for stats in engine.stats(arm, memory=False))


def run_provenance(
    bench: Bench, experiment: str, *, configuration: dict[str, Any], seed: int
) -> Provenance:
    """Where and with what a run takes place that begins now."""
    configuration = configuration | {"dataset": bench.engine.status().size}
    return provenance_of(
        bench.engine, experiment, configuration=configuration, seed=seed, limits=_limits(bench)
    )


def provenance_of(
    engine: Engine,
    experiment: str,
    *,
    configuration: dict[str, Any],
    seed: int,
    limits: Mapping[str, Any],
) -> Provenance:
    """Of a run that begins now and needs no bench; see `unconfined` for its limits."""
    revision, dirty = git_revision(CHECKOUT)
    return Provenance(
        experiment=experiment,
        configuration=configuration,
        seed=seed,
        revision=revision,
        dirty=dirty,
        topology_digest=load_topology().digest,
        engine=engine.name,
        limits=limits,
        host=asdict(describe_host()),
        versions=versions(),
        command=(Path(sys.argv[0]).name, *sys.argv[1:]),
        started_at=datetime.now(UTC),
    )


def unconfined(engine: Engine, arms: Sequence[str]) -> Mapping[str, Any]:
    """The limits of arms that have all that the engine has."""
    abilities = engine.abilities()
    free = {
        "means": "none",
        "cores": sorted(abilities.cores),
        "cpus": None,
        "memory_bytes": None,
        "parts": [],
    }
    reading = abilities.memory_reading
    return {"generator_cores": [], "memory_reading": reading, "arms": dict.fromkeys(arms, free)}


def _limits(bench: Bench) -> Mapping[str, Any]:
    arms = {
        arm: {
            "means": applied.means,
            "cores": sorted(applied.limit.cores or ()),
            "cpus": applied.limit.cpus,
            "memory_bytes": applied.limit.memory_bytes,
            "parts": [asdict(part) for part in applied.limit.parts],
        }
        for arm, applied in bench.limits.items()
    }
    reading = bench.engine.abilities().memory_reading
    generator = list(bench.division.generator)
    return {"generator_cores": generator, "memory_reading": reading, "arms": arms}
