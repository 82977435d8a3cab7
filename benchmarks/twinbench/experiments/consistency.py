"""Consistency: what it costs that each capability keeps its own data, and whether any is lost.

Every arm in turn, from the seeded data: probes alone, the same probes under load, reads with and
without a neighbour's part in them, and trade under kills; after each the auditor.
"""

import threading
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.auditing import Audited
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.blocks import SIGN_IN_EVERY_S
from twinbench.experiments.customers import signed_in_anew
from twinbench.experiments.design import Slot
from twinbench.experiments.kills import Trade, acknowledged, plan, trade_under
from twinbench.experiments.pending import watching_pending
from twinbench.experiments.probing import Step, inside, probing, window_rows
from twinbench.experiments.reads import Reading, read_all
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.settings import ConsistencySettings
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.warming import refresh
from twinbench.experiments.watcher import Watcher
from twinbench.load.effects import Prober
from twinbench.load.shoppers import QUICK_CARDS, open_shop
from twinbench.load.traffic import Traffic
from twinbench.results.consistency import PendingRow, ReadRow, TallyRow
from twinbench.results.rows import AnyRow
from twinbench.results.store import RunWriter

TABLES: Final = ("trials", "resources", "audits", "windows", "tallies", "pending", "reads")
_SHOPPERS: Final = 4
_PRODUCTS: Final = 6
_ATTEMPTS: Final = 2
# A kill, the return of what was killed, and its share of the settling.
_KILL_S: Final = 5.0
_NOWHERE: Final = "lost"

Rows = dict[str, Sequence[AnyRow]]


def run_consistency(engine: Engine, settings: ConsistencySettings, watcher: Watcher) -> Path:
    """Run the experiment and return its run folder.

    Arms that were down are brought up, and taken down again when all is done or given up.
    Raises EngineError, PreparationError, GeneratorError, SaturationError, NoFinalAnswerError or
    OSError.
    """
    ledger, profile = Ledger(), settings.profile
    beginning = Beginning(
        arms=settings.arms,
        seed=settings.seed,
        timing=profile,
        gates=settings.gates,
        budget=settings.budget,
        warming_rate=profile.rate,
        warming_s=profile.warming_s,
    )
    with session(engine, beginning, watcher, ledger) as begun:
        provenance = run_provenance(
            begun.bench,
            "consistency",
            configuration=settings.configuration() | {"rates": [profile.rate]},
            seed=settings.seed,
        )
        with RunWriter.create(settings.out, provenance, tables=TABLES) as writer:
            stopped = _Consistency(begun, settings, writer, watcher, ledger).run()
            writer.finish({"stopped_by": stopped, **ledger.account()})
    return writer.folder


@dataclass(slots=True)
class _Consistency:
    begun: Session
    settings: ConsistencySettings
    writer: RunWriter
    watcher: Watcher
    ledger: Ledger
    _trials: Trials = field(init=False)
    _signed_in_at: float = field(init=False)
    _number: int = 0
    _longest_s: float = 0.0
    _killing_s: float = 0.0

    def __post_init__(self) -> None:
        self._trials, self._signed_in_at = self.begun.trials, self.begun.signed_in_at

    def run(self) -> str:
        profile, arms = self.settings.profile, self.settings.arms
        for block in range(profile.blocks):
            began = self.ledger.elapsed
            due = self._longest_s + (self._killing_s if block < profile.killing else 0.0)
            if block and began + due > profile.budget_s:
                return "time"
            block_s = max(self._nominal_s(block), self._longest_s)
            most = min(profile.budget_s - began, (profile.blocks - block) * block_s)
            self.watcher.remaining(max(block_s, most))
            if began - self._signed_in_at > SIGN_IN_EVERY_S:
                self._trials = signed_in_anew(self._trials)
                self._signed_in_at = began
            self._killing_s = 0.0
            order = np.random.default_rng([self.settings.seed, block]).permutation(len(arms))
            for index in order:
                self._arm(block, arms[index])
            took = self.ledger.elapsed - began - self._killing_s
            self._longest_s = max(self._longest_s, took)
        return "blocks"

    def _arm(self, block: int, arm: str) -> None:
        profile, seed = self.settings.profile, self.settings.seed
        with self.ledger.spending("resetting"):
            self._trials.reset(arm)
        if profile.refresh_s:
            with self.ledger.spending("warming"):
                seconds, rate = profile.refresh_s, profile.rate
                refresh(self._trials, arm, rate=rate, seconds=seconds, seed=seed + block)
        self._idle(self._next(block, arm, "idle", profile.idle_s))
        for attempt in range(1, (_ATTEMPTS if profile.judged else 1) + 1):
            valid = self._under_load(self._next(block, arm, "load", profile.trial_s), attempt)
            if valid or self.ledger.elapsed > profile.budget_s:
                break
        reading = Reading(profile.read_s, [seed, block, 1])
        self._reads(self._next(block, arm, "reads", reading.whole_s), reading)
        if block < profile.killing:
            began = self.ledger.elapsed
            self._kills(self._next(block, arm, "kills", profile.kills * _KILL_S))
            self._killing_s += self.ledger.elapsed - began

    def _nominal_s(self, block: int) -> float:
        profile = self.settings.profile
        kills = profile.kills * _KILL_S if block < profile.killing else 0.0
        reads = Reading(profile.read_s, ()).whole_s
        return len(self.settings.arms) * (profile.idle_s + profile.trial_s + reads + kills)

    def _next(self, block: int, arm: str, part: str, seconds: float) -> Step:
        self._number += 1
        of = f"block {block + 1}/{self.settings.profile.blocks}"
        self.watcher.trial_begins(f"{of}: {arm}, {part}", seconds)
        return Step(self._number, block, arm, part)

    def _idle(self, step: Step) -> None:
        self._trials.auditor.resume(step.arm)
        with self.ledger.spending("measuring"), self._probing(step) as probers:
            # The time itself is what is measured.
            threading.Event().wait(self.settings.profile.idle_s)
        windows = [window for prober in probers for window in prober.windows]
        self._finish(step, {"windows": list(window_rows(step, windows))})

    def _under_load(self, step: Step, attempt: int) -> bool:
        """Whether the machine was quiet enough."""
        profile, seed = self.settings.profile, self.settings.seed + step.block
        slot = Slot(step.block, step.number, step.arm, profile.rate, seed=seed)
        path = self.writer.requests_path(step.number)
        with self.ledger.spending("measuring"), self._probing(step) as probers:
            row, resources, _ = self._trials.run(
                slot, number=step.number, attempt=attempt, requests=path
            )
        windows = [one for prober in probers for one in prober.windows if inside(one, row)]
        rows: Rows = {"trials": [row], "resources": resources}
        self._finish(step, rows | {"windows": list(window_rows(step, windows))})
        self.watcher.trial_ended(row)
        return row.valid

    def _reads(self, step: Step, reading: Reading) -> None:
        bench, shop = self.begun.bench, self._trials.shops[step.arm]
        rows = [
            ReadRow(step.number, step.block, step.arm, *read)
            for read in read_all(bench, shop, step.arm, reading, self.ledger)
        ]
        self._finish(step, {"reads": rows})

    def _kills(self, step: Step) -> None:
        engine, arm = self.begun.bench.engine, step.arm
        parts = engine.status().components
        names = sorted(one.name for one in parts if one.arm == arm and one.kind != "job")
        seed = self.settings.seed + step.block
        kills = plan(names, kills=self.settings.profile.kills, seed=seed)
        trade = Trade(kills, seed, _SHOPPERS, self.settings.profile.orders, QUICK_CARDS)
        shop = open_shop(Traffic(engine.gateway(arm)), products=_PRODUCTS)
        self._trials.auditor.begin(arm)
        with self.ledger.spending("measuring"), watching_pending(engine, arm) as pending:
            finished = trade_under(trade, engine, shop)
            engine.wait_ready(arm)
            audited = self._audit(step, events_too=True)
        statuses = {order.id: order.status for order in audited.now.orders} if audited.now else {}
        waited = [
            PendingRow(step.number, step.block, arm, order, seconds, statuses.get(order, _NOWHERE))
            for order, seconds in pending.seconds().items()
        ]
        self._write(step, {"pending": waited}, audited, acknowledged(finished))

    def _probing(self, step: Step) -> AbstractContextManager[list[Prober]]:
        known, gateway = self._trials.shops[step.arm], self.begun.bench.engine.gateway(step.arm)
        count = self.settings.profile.probers
        return probing(gateway, known, step, count=count, seed=self.settings.seed)

    def _finish(self, step: Step, rows: Rows) -> None:
        with self.ledger.spending("auditing"):
            audited = self._audit(step)
        self._write(step, rows, audited)

    def _audit(self, step: Step, *, events_too: bool = False) -> Audited:
        auditor = self._trials.auditor
        audited = auditor.audit(step.arm, step.number, events_too=events_too)
        self.watcher.audited(audited.row)
        return audited

    def _write(self, step: Step, rows: Rows, audited: Audited, told: Iterable[str] = ()) -> None:
        tallies = [
            TallyRow(step.number, step.block, step.arm, step.part, *astuple(tally))
            for tally in audited.tallies(told)
        ]
        rows = rows | {"audits": [audited.row], "tallies": tallies}
        filled = {name: own for name, own in rows.items() if own}
        details = {"part": step.part, "arm": step.arm, "block": step.block}
        self.writer.add_trial(step.number, filled, **details, spent=self.ledger.seconds())
