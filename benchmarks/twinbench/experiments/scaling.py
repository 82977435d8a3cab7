"""Scaling: what an arm serves within the objective as it gets more, or has more to do.

A case is a level of a factor in one arm. Each block holds every case once: factors and levels in
random order, the arms of one level back to back. A case is one climb: a staircase of rates offered
in a single trial.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.budgets import UNLIMITED, Budget, require_possible
from twinbench.experiments.design import Slot
from twinbench.experiments.resuming import PLANNED, Broken, broken_off
from twinbench.experiments.scaling_profiles import ScalingSettings
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.setting import FACTORS, Setting, in_force
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.warming import cpu_per_journey
from twinbench.experiments.watcher import Watcher
from twinbench.load.arrivals import stepped
from twinbench.results.rows import AnyRow, TrialRow
from twinbench.results.scaling import ClimbRow
from twinbench.results.store import RunWriter
from twinbench.topology import Topology
from twinbench.topology import load as load_topology

# The rate at which arms are driven before anything is known of them.
_FIRST_RATE: Final = 6.0
# To put the data back and to change a setting.
_PREPARING_S: Final = 6.0

_ATTEMPTS: Final = 2


class _Case(NamedTuple):
    """A climb to be, by one arm with one level of one factor."""

    block: int
    factor: str
    level: float
    arm: str

    def __str__(self) -> str:
        return f"block {self.block + 1}: {self.arm} with {self.factor} {self.level:g}"


def run_scaling(engine: Engine, settings: ScalingSettings, watcher: Watcher) -> Path:
    """Run the experiment and return its run folder.

    Raises EngineError, PreparationError, GeneratorError or OSError.
    """
    return _climbs(engine, settings, watcher, Ledger(), None)


def resume_scaling(engine: Engine, folder: Path, watcher: Watcher) -> Path:
    """Go on with a run that was broken off; raises IncompatibleRunError or UnlikeRunError too."""
    broken = broken_off(folder, "scaling")
    settings = ScalingSettings.of(broken.document, folder)
    with broken.writer:
        return _climbs(engine, settings, watcher, Ledger(already=broken.spent), broken)


def _climbs(
    engine: Engine,
    settings: ScalingSettings,
    watcher: Watcher,
    ledger: Ledger,
    broken: Broken | None,
) -> Path:
    _require_enforceable(engine, settings)
    with session(engine, _beginning(settings), watcher, ledger) as begun, ExitStack() as stack:
        writer = broken.writer if broken else stack.enter_context(_begin(settings, begun, ledger))
        scaling = _Scaling(settings, begun, load_topology(), writer, watcher, ledger)
        if broken is None:
            return scaling.run(frozenset(), made=0)
        return scaling.run(_done(broken), made=len(broken.rows))


def _begin(settings: ScalingSettings, begun: Session, ledger: Ledger) -> RunWriter:
    provenance = run_provenance(
        begun.bench, "scaling", configuration=settings.configuration(), seed=settings.seed
    )
    tables = ("trials", "resources", "audits", "climbs")
    writer = RunWriter.create(settings.out, provenance, tables=tables)
    warmed_up = {arm: asdict(warm) for arm, warm in begun.warmth.items()}
    writer.note(PLANNED, warmed_up=warmed_up, spent=ledger.seconds())
    return writer


def _done(broken: Broken) -> frozenset[_Case]:
    blocks = {row.trial: row.block for row in broken.rows}
    return frozenset(
        _Case(blocks[row["trial"]], row["factor"], row["level"], row["arm"])
        for row in broken.writer.so_far().tables["climbs"].to_pylist()
    )


def _require_enforceable(engine: Engine, settings: ScalingSettings) -> None:
    """Told before anything is started."""
    if "cpus" in settings.profile.levels:
        abilities = engine.abilities()
        require_possible(Budget(cpus=min(settings.profile.levels["cpus"])), abilities, (0,))


def _beginning(settings: ScalingSettings) -> Beginning:
    return Beginning(
        arms=settings.arms,
        seed=settings.seed,
        timing=settings.profile.timing,
        gates=settings.gates,
        budget=UNLIMITED,
        warming_rate=_FIRST_RATE,
        warming_s=settings.profile.warming_s,
    )


@dataclass(slots=True)
class _Scaling:
    settings: ScalingSettings
    begun: Session
    topology: Topology
    writer: RunWriter
    watcher: Watcher
    ledger: Ledger
    _made: int = 0

    def run(self, done: frozenset[_Case], made: int) -> Path:
        """Until all blocks are made or the time is spent; what is `done` is not repeated."""
        self._made = made
        stopped = "time" if self._blocks(done) else "blocks"
        self.writer.finish({"stopped_by": stopped, **self.ledger.account()})
        return self.writer.folder

    def _blocks(self, done: frozenset[_Case]) -> bool:
        """Whether it was the time that ended them; the first block is made in any case."""
        profile = self.settings.profile
        for number in range(profile.blocks):
            cases = [case for case in self._cases(number) if case not in done]
            for place, case in enumerate(cases):
                if number and not self._in_time():
                    return True
                ahead = (len(cases) - place) * self._case_s
                left = profile.budget_s - self.ledger.elapsed
                self.watcher.remaining(ahead if number + 1 == profile.blocks else max(ahead, left))
                self._until_valid(case)
        return False

    @property
    def _case_s(self) -> float:
        profile = self.settings.profile
        return _PREPARING_S + profile.learning_s + profile.timing.trial_s

    def _in_time(self) -> bool:
        """Whether another climb would end in time."""
        return self.ledger.elapsed + self._case_s <= self.settings.profile.budget_s

    def _cases(self, number: int) -> Iterator[_Case]:
        order = np.random.default_rng([self.settings.seed, number])
        levels = [(f, level) for f, own in self.settings.profile.levels.items() for level in own]
        for index in order.permutation(len(levels)):
            factor, level = levels[index]
            for arm in order.permutation(len(self.settings.arms)):
                yield _Case(number, factor, level, self.settings.arms[arm])

    def _until_valid(self, case: _Case) -> None:
        for attempt in range(1, _ATTEMPTS + 1):
            row = self._attempt(case, attempt)
            if row.valid or not self._in_time():
                return
            if attempt < _ATTEMPTS:
                self.watcher.retry(row, self._case_s)

    def _attempt(self, case: _Case, attempt: int) -> TrialRow:
        trials = self.begun.trials
        setting = FACTORS[case.factor](self.topology, case.arm, case.level)
        self.watcher.phase(str(case))
        with self.ledger.spending("resetting"):
            trials.reset(case.arm)
        with in_force(trials.bench, self.topology, case.arm, setting):
            able = self._able(case.arm, setting)
            rates = tuple(able * share for share in self.settings.profile.shares)
            return self._climb(case, attempt, rates)

    def _able(self, arm: str, setting: Setting) -> float:
        """Journeys per second by the utilisation law, from a short time at a modest rate."""
        trials, share = self.begun.trials, setting.share or 1.0
        with self.ledger.spending("warming"):
            cpu_s = cpu_per_journey(
                trials,
                arm,
                rate=_FIRST_RATE * share,
                seconds=self.settings.profile.learning_s,
                seed=self.settings.seed,
            )
        return share * len(trials.bench.division.arm) / cpu_s

    def _climb(self, case: _Case, attempt: int, rates: tuple[float, ...]) -> TrialRow:
        profile, number = self.settings.profile, self._made + 1
        slot = Slot(
            block=case.block,
            position=self._made,
            arm=case.arm,
            rate=rates[0],
            seed=self.settings.seed + case.block,
            course=stepped(rates, profile.step_s),
        )
        described = f"{case}, {rates[0]:.2g} to {rates[-1]:.2g} journeys/s"
        self.watcher.trial_begins(described, profile.timing.trial_s)
        requests = self.writer.requests_path(number)
        row, resources, _ = self.begun.trials.run(
            slot, number=number, attempt=attempt, requests=requests
        )
        self.ledger.book("warming", profile.warmup_s)
        self.ledger.book("measuring", profile.timing.measure_s)
        with self.ledger.spending("auditing"):
            audit = self.begun.trials.audit(row)
        climb = ClimbRow(number, case.arm, case.factor, case.level, rates, profile.step_s)
        rows: dict[str, Sequence[AnyRow]] = {
            "trials": [row],
            "resources": resources,
            "audits": [audit],
            "climbs": [climb],
        }
        self.writer.add_trial(
            number,
            rows,
            **case._asdict(),
            attempt=attempt,
            valid=row.valid,
            reasons=list(row.reasons),
            spent=self.ledger.seconds(),
        )
        self._made = number
        self.watcher.trial_ended(row)
        self.watcher.audited(audit)
        return row
