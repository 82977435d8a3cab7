"""Modularity: how the parts of each build hang together, and how far a change of one reaches.

What the code says and what patches touch, for which no arm is needed; and each arm at work, traced,
from the seeded data on.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from twinbench.engines.protocol import Engine
from twinbench.experiments.auditing import Audited
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.budgets import Budget
from twinbench.experiments.kills import Trade, trade_under
from twinbench.experiments.modularity import reading, working
from twinbench.experiments.modularity.boundaries import MONOLITH
from twinbench.experiments.modularity.requests import CHANGES, Request, requests_in
from twinbench.experiments.modularity.settings import ModularityProfile, ModularitySettings
from twinbench.experiments.modularity.studying import Servers, Study, read_code, study_changes
from twinbench.experiments.profiles import Timing
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.warming import refresh
from twinbench.experiments.watcher import Watcher
from twinbench.load.shoppers import QUICK_CARDS, open_shop
from twinbench.load.traffic import Traffic
from twinbench.results.modularity import EdgeRow
from twinbench.results.rows import AuditRow
from twinbench.results.store import RunWriter
from twinbench.topology import Topology
from twinbench.topology import load as load_topology

TABLES: Final = ("edges", "surfaces", "rules", "suites", "changes", "audits")
_SHOPPERS: Final = 2
_PRODUCTS: Final = 6
_DRAIN_S: Final = 5.0
# To put an arm's data back, to trade and to audit, nominally.
_BESIDE_S: Final = 8.0


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
    ledger, asked, study = Ledger(), requests_in(changes), Study()
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(_look, study, asked, settings.profile, servers, watcher)
        if settings.profile.tests:
            with ledger.spending("measuring"):
                looking.result()
        with session(engine, _beginning(settings), watcher, ledger) as begun:
            looking.result()
            return _at_work(begun, settings, study, watcher, ledger)


def _look(
    study: Study,
    asked: Sequence[Request],
    profile: ModularityProfile,
    servers: Servers,
    watcher: Watcher,
) -> None:
    """Where tests are run, which takes minutes, it has the machine to itself and says how far it
    is; else it is done beside the start of the arms, which says more."""
    say = watcher.phase if profile.tests else _unsaid
    read_code(study, say)
    study_changes(study, asked, say, servers, proving=profile.proved, suites=profile.suites)


def _unsaid(_: str) -> None:
    pass


def _at_work(
    begun: Session, settings: ModularitySettings, study: Study, watcher: Watcher, ledger: Ledger
) -> Path:
    provenance = run_provenance(
        begun.bench,
        "modularity",
        configuration=settings.configuration(),
        seed=settings.seed,
    )
    arm_s = settings.profile.trace_s + _BESIDE_S
    watcher.remaining(len(settings.arms) * arm_s)
    with RunWriter.create(settings.out, provenance, tables=TABLES) as writer:
        for number, build in enumerate(settings.arms, start=1):
            watcher.trial_begins(f"{build} at work, traced", arm_s)
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
        workload=settings.workload,
    )


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
        trials = self.begun.trials
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
