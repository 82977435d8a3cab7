"""Modularity: how the parts of each build hang together, and how far a change of one reaches.

First what the code says and what patches touch, for which no arm is needed; then each arm at work,
traced, from the seeded data on.
"""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from twinbench.engines.protocol import Engine
from twinbench.experiments.auditing import Audited
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.budgets import Budget
from twinbench.experiments.kills import Trade, trade_under
from twinbench.experiments.modularity import reading, working
from twinbench.experiments.modularity.boundaries import MONOLITH
from twinbench.experiments.modularity.requests import CHANGES, requests_in
from twinbench.experiments.modularity.settings import ModularitySettings
from twinbench.experiments.modularity.studying import Servers, Study, read_code, study_changes
from twinbench.experiments.profiles import Timing
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.warming import refresh
from twinbench.experiments.watcher import Watcher
from twinbench.load.shoppers import QUICK_CARDS, open_shop
from twinbench.load.traffic import Traffic
from twinbench.load.workload import Workload, default_workload
from twinbench.results.modularity import EdgeRow
from twinbench.results.rows import AuditRow
from twinbench.results.store import RunWriter
from twinbench.topology import Topology
from twinbench.topology import load as load_topology

TABLES: Final = ("edges", "surfaces", "rules", "suites", "changes", "audits")
_SHOPPERS: Final = 2
_PRODUCTS: Final = 6
_DRAIN_S: Final = 5.0


def run_modularity(
    engine: Engine,
    settings: ModularitySettings,
    watcher: Watcher,
    servers: Servers,
    *,
    changes: Path = CHANGES,
) -> Path:
    """Run the experiment and return its run folder.

    Arms that were down are brought up, and taken down again when all is done or given up.
    Raises EngineError, LintError, ChangeError, SuiteError, PreparationError, GeneratorError,
    NoFinalAnswerError or OSError.
    """
    ledger, profile, study = Ledger(), settings.profile, Study()
    with ledger.spending("measuring"):
        read_code(study, watcher)
        asked = requests_in(changes)
        study_changes(study, asked, watcher, servers, proving=profile.proved, suites=profile.suites)
    with session(engine, _beginning(settings), watcher, ledger) as begun:
        provenance = run_provenance(
            begun.bench,
            "modularity",
            configuration=settings.configuration(),
            seed=settings.seed,
        )
        with RunWriter.create(settings.out, provenance, tables=TABLES) as writer:
            for number, build in enumerate(settings.arms, start=1):
                watcher.trial_begins(f"{build} at work, traced", profile.trace_s)
                seen, audits = _AtWork(begun, settings, build, number, ledger).seen()
                for audit in audits:
                    watcher.audited(audit)
                rows = study.rows_of(build, seen) | {"audits": audits}
                writer.add_trial(number, rows, arm=build)
            writer.finish({"stopped_by": "blocks", **ledger.account()})
    return writer.folder


def _beginning(settings: ModularitySettings) -> Beginning:
    return Beginning(
        arms=settings.arms,
        seed=settings.seed,
        timing=Timing(0.0, settings.profile.trace_s, 0.0, _DRAIN_S),
        gates=settings.gates,
        budget=Budget(),
        warming_rate=settings.profile.rate,
        warming_s=0.0,
        traced=True,
    )


def _of_each_alike() -> Workload:
    """So that none of the journeys is left out by chance in a short time."""
    workload = default_workload()
    return replace(workload, mix=dict.fromkeys(workload.mix, 1.0))


@dataclass(frozen=True, slots=True)
class _AtWork:
    """One arm, driven through all journeys, and what was seen of it."""

    begun: Session
    settings: ModularitySettings
    build: str
    number: int
    ledger: Ledger
    topology: Topology = field(default_factory=load_topology)

    def seen(self) -> tuple[list[EdgeRow], list[AuditRow]]:
        profile, seed = self.settings.profile, self.settings.seed
        trials = replace(self.begun.trials, workload=_of_each_alike())
        with self.ledger.spending("resetting"):
            trials.reset(self.build)
        working.watch(trials.bench.engine, self.topology, self.build)
        with self.ledger.spending("measuring"):
            rate, seconds = profile.rate, profile.trace_s
            report = refresh(trials, self.build, rate=rate, seconds=seconds, seed=seed)
        told = [one.header for process in report.processes for one in process.told]
        audits = [self._audit(), self._trade()]
        return [*self._calls(told), *self._behind()], [one.row for one in audits]

    def _trade(self) -> Audited:
        """What no journey does: accounts are opened, orders cancelled and shipped."""
        trials, engine = self.begun.trials, self.begun.bench.engine
        orders = self.settings.profile.orders
        shop = open_shop(Traffic(engine.gateway(self.build)), products=_PRODUCTS)
        trials.auditor.begin(self.build)
        with self.ledger.spending("measuring"):
            trade = Trade((), self.settings.seed, _SHOPPERS, orders, QUICK_CARDS)
            trade_under(trade, engine, shop)
        return self._audit(events_too=True)

    def _audit(self, *, events_too: bool = False) -> Audited:
        with self.ledger.spending("auditing"):
            auditor = self.begun.trials.auditor
            return auditor.audit(self.build, self.number, events_too=events_too)

    def _calls(self, told: list[str]) -> list[EdgeRow]:
        return [] if self.build == MONOLITH else list(working.call_edges(told))

    def _behind(self) -> list[EdgeRow]:
        return working.brought_to_light(
            self.begun.bench.engine,
            self.topology,
            self.build,
            tables=reading.tables(),
            publishers=reading.publishers(MONOLITH),
            handlers=reading.handlers(),
        )
