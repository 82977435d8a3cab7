"""Capacity: the highest rate that each arm serves within the objective, found by search.

Which rate comes next is not decided here: a `Searcher` is asked after every trial. Arms take turns,
in random order, so that all searches see the same minutes of the machine.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import run_provenance
from twinbench.experiments.design import Slot
from twinbench.experiments.resuming import PLANNED, Broken, broken_off
from twinbench.experiments.session import Beginning, Session, session
from twinbench.experiments.settings import CapacitySettings
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.warming import refresh
from twinbench.experiments.watcher import Watcher
from twinbench.results.rows import AnyRow, TrialRow
from twinbench.results.store import RunWriter

# The rate at which arms are driven before anything is known of them.
_FIRST_RATE: Final = 6.0
TABLES: Final = ("trials", "resources", "audits")


@dataclass(frozen=True, slots=True)
class Try:
    """A rate to be tried; `longer` by a trial that is to settle it."""

    rate: float
    longer: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A trial of the search: its row, and where its requests are."""

    row: TrialRow
    requests: Path
    longer: bool


Searcher = Callable[[CapacitySettings, float, Sequence[Shown]], Try | None]
"""What to try next, of an arm that could serve so many journeys per second by the utilisation law,
after these trials of it; None when its search is over."""


def run_capacity(
    engine: Engine, settings: CapacitySettings, watcher: Watcher, searcher: Searcher
) -> Path:
    """Search every arm's capacity and return the run's folder.

    Raises EngineError, PreparationError, GeneratorError or OSError.
    """
    return _Capacity(engine, settings, watcher, searcher, Ledger()).run(None)


def resume_capacity(engine: Engine, folder: Path, watcher: Watcher, searcher: Searcher) -> Path:
    """Go on with searches that were broken off, from where the journal ends.

    Raises IncompatibleRunError or UnlikeRunError too.
    """
    broken = broken_off(folder, "capacity")
    settings = CapacitySettings.of(broken.document, folder)
    ledger = Ledger(already=broken.spent)
    with broken.writer:
        return _Capacity(engine, settings, watcher, searcher, ledger).run(broken)


def shown_by(
    rows: Sequence[TrialRow], settings: CapacitySettings, requests: Callable[[int], Path]
) -> dict[str, list[Shown]]:
    """Trials of every arm, in the order they were made."""
    shown: dict[str, list[Shown]] = {arm: [] for arm in settings.arms}
    for row in sorted(rows, key=lambda row: row.trial):
        longer = row.measure_s == settings.profile.confirm_s
        shown[row.arm].append(Shown(row, requests(row.trial), longer))
    return shown


@dataclass(slots=True)
class _Capacity:
    engine: Engine
    settings: CapacitySettings
    watcher: Watcher
    searcher: Searcher
    ledger: Ledger
    _shown: dict[str, list[Shown]] = field(default_factory=dict)

    def run(self, broken: Broken | None) -> Path:
        with session(self.engine, self._beginning(broken), self.watcher, self.ledger) as begun:
            if broken is not None:
                return self._search(begun.trials, broken.able, broken.writer, broken.rows)
            able = begun.able(self.settings.budget)
            with self._begin(begun, able) as writer:
                return self._search(begun.trials, able, writer, ())

    def _beginning(self, broken: Broken | None) -> Beginning:
        settings = self.settings
        return Beginning(
            arms=settings.arms,
            seed=settings.seed,
            timing=settings.profile,
            gates=settings.gates,
            budget=settings.budget,
            warming_rate=_FIRST_RATE,
            warming_s=settings.profile.warming_s,
            sizes=broken.warmth if broken else None,
        )

    def _begin(self, begun: Session, able: Mapping[str, float]) -> RunWriter:
        provenance = run_provenance(
            begun.bench,
            "capacity",
            configuration=self.settings.configuration(),
            seed=self.settings.seed,
        )
        writer = RunWriter.create(self.settings.out, provenance, tables=TABLES)
        writer.note(
            PLANNED,
            able=dict(able),
            warmed_up={arm: asdict(warm) for arm, warm in begun.warmth.items()},
            spent=self.ledger.seconds(),
        )
        return writer

    def _search(
        self,
        trials: Trials,
        able: Mapping[str, float],
        writer: RunWriter,
        done: Sequence[TrialRow],
    ) -> Path:
        self._shown = shown_by(done, self.settings, writer.requests_path)
        stopped = "searched"
        # A round that was broken off is not taken up again: the searches go on in the next one.
        number = max((row.block for row in done), default=-1) + 1
        while turns := self._turns(able, number):
            if self.ledger.elapsed > self.settings.profile.budget_s:
                stopped = "time"
                break
            left = self.settings.profile.budget_s - self.ledger.elapsed
            self.watcher.remaining(max(left, self.settings.profile.trial_s))
            for arm, wanted in turns:
                self._trial(trials, writer, arm, wanted, number)
            number += 1
        writer.finish({"stopped_by": stopped, **self.ledger.account()})
        return writer.folder

    def _turns(self, able: Mapping[str, float], number: int) -> list[tuple[str, Try]]:
        """Whose search goes on, and where."""
        order = np.random.default_rng([self.settings.seed, number])
        arms = [self.settings.arms[index] for index in order.permutation(len(self.settings.arms))]
        found = [(arm, self.searcher(self.settings, able[arm], self._shown[arm])) for arm in arms]
        return [(arm, wanted) for arm, wanted in found if wanted is not None]

    def _trial(self, trials: Trials, writer: RunWriter, arm: str, wanted: Try, number: int) -> None:
        profile, shown = self.settings.profile, self._shown[arm]
        measure_s = profile.confirm_s if wanted.longer else profile.measure_s
        trials = replace(trials, timing=replace(profile, measure_s=measure_s))
        position = sum(map(len, self._shown.values()))
        slot = Slot(number, position, arm, wanted.rate, seed=self.settings.seed + number)
        self._put_back(trials, slot)
        name = "confirming" if wanted.longer else f"trial {len(shown) + 1}"
        self.watcher.trial_begins(
            f"{arm}: {name} at {wanted.rate:.3g} journeys/s", trials.timing.trial_s
        )
        requests = writer.requests_path(position + 1)
        row, resources, _ = trials.run(slot, number=position + 1, attempt=1, requests=requests)
        self.ledger.book("warming", profile.warmup_s)
        self.ledger.book("measuring", measure_s + profile.tail_s)
        with self.ledger.spending("auditing"):
            audit = trials.audit(row)
        self.watcher.audited(audit)
        rows: dict[str, Sequence[AnyRow]]
        rows = {"trials": [row], "resources": resources, "audits": [audit]}
        writer.add_trial(
            row.trial,
            rows,
            arm=arm,
            rate=wanted.rate,
            longer=wanted.longer,
            valid=row.valid,
            reasons=list(row.reasons),
            spent=self.ledger.seconds(),
        )
        shown.append(Shown(row, requests, wanted.longer))
        self.watcher.trial_ended(row)

    def _put_back(self, trials: Trials, slot: Slot) -> None:
        """What an overload has left waiting is gone with its connections."""
        with self.ledger.spending("resetting"):
            trials.reset(slot.arm)
        if seconds := self.settings.profile.refresh_s:
            with self.ledger.spending("warming"):
                refresh(trials, slot.arm, rate=_FIRST_RATE, seconds=seconds, seed=slot.seed)
