"""What every experiment that offers open load begins with: arms up, signed in to and warm."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from twinbench.engines.protocol import Engine
from twinbench.experiments.auditing import auditor_of
from twinbench.experiments.bench import Bench, arms_up, divide_cores, prepared_bench
from twinbench.experiments.budgets import Budget, limit_of, require_possible, right_sized
from twinbench.experiments.customers import signed_in
from twinbench.experiments.gates import Gates
from twinbench.experiments.profiles import Timing
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.warming import Warmth, warm_up
from twinbench.experiments.watcher import Watcher
from twinbench.load.generator import Generator
from twinbench.load.workload import Workload, default_workload


@dataclass(frozen=True, slots=True)
class Beginning:
    """How a session begins. Arms warm up at `warming_rate` for at most `warming_s`, 0 for not at
    all; `sizes` are those of an earlier session, where fixed partitions are to be the same. Unless
    they are to be `traced`, arms that are up with tracing on are refused."""

    arms: tuple[str, ...]
    seed: int
    timing: Timing
    gates: Gates
    budget: Budget
    warming_rate: float
    warming_s: float
    sizes: Mapping[str, Warmth] | None = None
    traced: bool = False
    workload: Workload = field(default_factory=default_workload)


@dataclass(frozen=True, slots=True)
class Session:
    """Arms that can be measured. `signed_in_at` is by the ledger's clock."""

    trials: Trials
    warmth: Mapping[str, Warmth]
    signed_in_at: float

    @property
    def bench(self) -> Bench:
        return self.trials.bench

    def able(self, budget: Budget) -> dict[str, float]:
        """Journeys per second that each arm could serve at most, by the utilisation law."""
        cpus = budget.cpus or float(len(self.bench.division.arm))
        return {arm: cpus / warm.cpu_s for arm, warm in self.warmth.items()}


@contextmanager
def session(
    engine: Engine, beginning: Beginning, watcher: Watcher, ledger: Ledger
) -> Iterator[Session]:
    """Arms that were down are brought up, and taken down again when the block is left.

    Raises EngineError, before anything is started, for a budget that cannot be kept here.
    """
    abilities = engine.abilities()
    require_possible(beginning.budget, abilities, divide_cores(abilities.cores).arm)
    with ExitStack() as stack:
        with ledger.spending("starting"):
            stack.enter_context(arms_up(engine, beginning.arms, watcher, trace=beginning.traced))
            bench = stack.enter_context(prepared_bench(engine, beginning.arms, beginning.budget))
        watcher.phase("signing customers in")
        with ledger.spending("signing in"):
            shops = signed_in(bench, beginning.workload.customers)
        signed_in_at = ledger.elapsed
        with ledger.spending("auditing"):
            auditor = auditor_of(bench)
        generator = stack.enter_context(Generator())
        workload, gates = beginning.workload, beginning.gates
        trials = Trials(bench, generator, beginning.timing, workload, shops, gates, auditor)
        warmth = _warm_up(trials, beginning, watcher, ledger)
        if beginning.budget.partition == "right-sized":
            _right_size(bench, beginning.budget, beginning.sizes or warmth)
        yield Session(trials, warmth, signed_in_at)


def _warm_up(
    trials: Trials, beginning: Beginning, watcher: Watcher, ledger: Ledger
) -> dict[str, Warmth]:
    """Each arm alone, in a shared pool."""
    warmth = {}
    if beginning.warming_s or beginning.budget.partition == "right-sized":
        for arm in beginning.arms:
            watcher.phase(f"warming {arm} up")
            with ledger.spending("warming"):
                warmth[arm] = warm_up(
                    trials,
                    arm,
                    rate=beginning.warming_rate,
                    most_s=beginning.warming_s,
                    seed=beginning.seed,
                )
    return warmth


def _right_size(bench: Bench, budget: Budget, sizes: Mapping[str, Warmth]) -> None:
    """To each component what it used of its arm while that warmed up."""
    for arm, warm in sizes.items():
        cpu, memory = right_sized(warm.cpu), right_sized(warm.memory_bytes)
        bench.limit(arm, limit_of(budget, bench.division.arm, cpu=cpu, memory=memory))
