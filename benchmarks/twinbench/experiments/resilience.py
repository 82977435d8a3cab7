"""Resilience: the same fault in every arm, and what its customers see of it.

Every trial is like every other but for its fault, the baseline included: arms have the switchboards
and the proxy in all of them. A fault holds for the first part of the measured window and is over in
the second, in which the arm recovers. In each block the baseline and all faults come in random
order, and the arms of one fault back to back.
"""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.auditing import auditor_of
from twinbench.experiments.bench import Bench, arms_up, prepared_bench, run_provenance
from twinbench.experiments.blocks import SIGN_IN_EVERY_S
from twinbench.experiments.breaking import breakable, why_not
from twinbench.experiments.customers import signed_in_anew
from twinbench.experiments.design import Slot
from twinbench.experiments.fault_profiles import ResilienceSettings
from twinbench.experiments.fault_trials import FaultTrial, FaultTrials
from twinbench.experiments.faults import BASELINE, Fault
from twinbench.experiments.promises import asker_at
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.warming import Warmth, warm_up
from twinbench.experiments.watcher import Watcher
from twinbench.load.generator import Generator
from twinbench.load.workload import default_workload
from twinbench.results.rows import TrialRow
from twinbench.results.store import RunWriter

_TABLES: Final = ("trials", "resources", "audits", "faults", "promises")
_ATTEMPTS: Final = 2


def run_resilience(engine: Engine, settings: ResilienceSettings, watcher: Watcher) -> Path:
    """Run the experiment and return its run folder.

    Raises EngineError, PreparationError, GeneratorError, ProxyError or OSError.
    """
    ledger, before = Ledger(), engine.status().running
    with ExitStack() as stack:
        with ledger.spending("starting"):
            stack.enter_context(arms_up(engine, settings.arms, watcher))
            bench = stack.enter_context(prepared_bench(engine, settings.arms))
            breaker = stack.enter_context(
                breakable(engine, settings.arms, settings.faults, watcher, back=before)
            )
        generator = stack.enter_context(Generator())
        workload, auditor = default_workload(), auditor_of(bench)
        trials = Trials(bench, generator, settings.profile, workload, {}, settings.gates, auditor)
        broken = FaultTrials(trials, breaker, {}, settings.profile)
        return _Resilience(settings, watcher, ledger, broken).run()


@dataclass(slots=True)
class _Resilience:
    settings: ResilienceSettings
    watcher: Watcher
    ledger: Ledger
    trials: FaultTrials
    _warmth: dict[str, Warmth] = field(default_factory=dict)
    _number: int = 0
    _signed_in_at: float = 0.0

    @property
    def bench(self) -> Bench:
        return self.trials.trials.bench

    def run(self) -> Path:
        self._sign_in()
        self._warm_up()
        with self._begin() as writer:
            stopped, longest = "blocks", 0.0
            for number in range(self.settings.profile.blocks):
                began = self.ledger.elapsed
                if number and began + longest > self.settings.profile.budget_s:
                    stopped = "time"
                    break
                self._block(writer, number)
                longest = max(longest, self.ledger.elapsed - began)
            writer.finish({"stopped_by": stopped, **self.ledger.account()})
            return writer.folder

    def _sign_in(self) -> None:
        """The generator's customers, and the one who asks for what is promised."""
        self.watcher.phase("signing customers in")
        with self.ledger.spending("signing in"):
            trials, askers = signed_in_anew(self.trials.trials), {}
            for arm in self.settings.arms:
                self.bench.only(arm)
                askers[arm] = asker_at(trials.shops[arm])
        self.trials = replace(self.trials, trials=trials, askers=askers)
        self._signed_in_at = self.ledger.elapsed

    def _warm_up(self) -> None:
        profile = self.settings.profile
        for arm in self.settings.arms if profile.warming_s else ():
            self.watcher.phase(f"warming {arm} up")
            with self.ledger.spending("warming"):
                self._warmth[arm] = warm_up(
                    self.trials.trials,
                    arm,
                    rate=profile.rate,
                    most_s=profile.warming_s,
                    seed=self.settings.seed,
                )

    def _begin(self) -> RunWriter:
        engine, topology = self.bench.engine, self.trials.breaker.topology
        absent = {
            arm: {
                fault.name: reason
                for fault in self.settings.faults
                if (reason := why_not(engine.name, topology, arm, fault)) is not None
            }
            for arm in self.settings.arms
        }
        provenance = run_provenance(
            self.bench,
            "resilience",
            configuration=self.settings.configuration() | {"absent": absent},
            seed=self.settings.seed,
        )
        return RunWriter.create(self.settings.out, provenance, tables=_TABLES)

    def _block(self, writer: RunWriter, number: int) -> None:
        plan = self._plan(number)
        self.watcher.remaining(len(plan) * self.settings.profile.trial_s)
        for arm in self.settings.arms if number else ():
            self._reset(arm)
        for trial in plan:
            if self.ledger.elapsed - self._signed_in_at > SIGN_IN_EVERY_S:
                self._sign_in()
            for attempt in range(1, _ATTEMPTS + 1):
                if self._attempt(writer, trial, attempt).valid:
                    break
                if self.ledger.elapsed > self.settings.profile.budget_s:
                    break

    def _plan(self, block: int) -> list[FaultTrial]:
        """Faults in random order, and the arms within each; all arms are asked the same."""
        engine, topology = self.bench.engine.name, self.trials.breaker.topology
        order = np.random.default_rng([self.settings.seed, block])
        faults = (BASELINE, *self.settings.faults)
        plan: list[FaultTrial] = []
        for index in order.permutation(len(faults)):
            fault, seeds = faults[index], [self.settings.seed, block, int(index)]
            seed = int(np.random.SeedSequence(seeds).generate_state(1)[0])
            for which in order.permutation(len(self.settings.arms)):
                arm = self.settings.arms[which]
                rate = self._rate(arm, fault)
                if rate and why_not(engine, topology, arm, fault) is None:
                    plan.append(FaultTrial(Slot(block, len(plan), arm, rate, seed), fault))
        return plan

    def _rate(self, arm: str, fault: Fault) -> float | None:
        """Overloads are by what the arm could serve by the utilisation law, known when warm."""
        if fault.means != "load":
            return self.settings.profile.rate
        if arm not in self._warmth:
            return None
        cores = len(self.bench.division.arm)
        return float(f"{fault.amount * cores / self._warmth[arm].cpu_s:.2g}")

    def _attempt(self, writer: RunWriter, trial: FaultTrial, attempt: int) -> TrialRow:
        self._number += 1
        number, profile = self._number, self.settings.profile
        arm, fault = trial.slot.arm, trial.fault
        # Another load, as the data still hold what the last attempt has ordered.
        slot = replace(trial.slot, seed=trial.slot.seed + attempt - 1)
        self.watcher.trial_begins(f"{arm}: {fault.name}", profile.trial_s)
        row, rows = self.trials.run(
            FaultTrial(slot, fault),
            number=number,
            attempt=attempt,
            requests=writer.requests_path(number),
        )
        self.ledger.book("warming", profile.warmup_s)
        self.ledger.book("measuring", profile.measure_s + profile.tail_s)
        with self.ledger.spending("auditing"):
            audit = self.trials.trials.audit(row)
        writer.add_trial(
            number,
            {**rows, "audits": [audit]},
            fault=fault.name,
            arm=arm,
            attempt=attempt,
            valid=row.valid,
            reasons=list(row.reasons),
            spent=self.ledger.seconds(),
        )
        self.watcher.trial_ended(row)
        self.watcher.audited(audit)
        if fault.means == "load":
            self._reset(arm)  # what an overload has left waiting is gone with its connections
        return row

    def _reset(self, arm: str) -> None:
        with self.ledger.spending("resetting"):
            self.trials.trials.reset(arm)
