"""Block after block, until the ratios are known well enough or the time is spent."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Final, Literal

from twinbench.experiments.customers import signed_in_anew
from twinbench.experiments.design import Design, Slot
from twinbench.experiments.profiles import LatencyProfile
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.warming import refresh
from twinbench.experiments.watcher import Watcher
from twinbench.load.plan import GeneratorReport
from twinbench.results.rows import AnyRow, TrialRow
from twinbench.results.store import Run, RunWriter

_ATTEMPTS: Final = 2
_LEAST_BLOCKS: Final = 2
_RESET_S: Final = 1.5
# Tokens last an hour.
SIGN_IN_EVERY_S: Final = 2400.0

Judge = Callable[[Run, float], bool]
"""Whether every ratio of a run so far is known within this share."""
More = Callable[[TrialRow, GeneratorReport], Mapping[str, Sequence[AnyRow]]]
"""Rows of a trial for further tables, from what the generator reported of it."""
Stop = Literal["precision", "time", "blocks"]


def nothing_more(_row: TrialRow, _report: GeneratorReport) -> Mapping[str, Sequence[AnyRow]]:
    return {}


@dataclass(slots=True)
class Blocks:
    """Runs the blocks of a design. `signed_in_at` is by the ledger's clock."""

    trials: Trials
    design: Design
    profile: LatencyProfile
    writer: RunWriter
    watcher: Watcher
    ledger: Ledger
    judge: Judge
    signed_in_at: float
    more: More = nothing_more
    _number: int = 0
    _attempts: dict[tuple[int, float, str], list[bool]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _longest_slot_s: float = 0.0

    def run(self, done: Sequence[TrialRow] = ()) -> Stop:
        """Until one reason to stop holds; trials that are `done` are not repeated."""
        for row in done:
            self._attempts[row.block, row.offered_rate, row.arm].append(row.valid)
            self._number = max(self._number, row.trial)
        for number in count():
            if number >= self.profile.blocks:
                return "blocks"
            slots = [slot for slot in self.design.block(number) if self._open(slot)]
            if not slots:
                continue
            if number >= _LEAST_BLOCKS:
                if self._precise():
                    return "precision"
                if self.ledger.elapsed + self._block_s(number) > self.profile.budget_s:
                    return "time"
            self._block(number, slots)
        raise AssertionError  # count() does not end

    def _block_s(self, number: int) -> float:
        slots = self.design.slots_in(number)
        nominal = slots * self.profile.trial_s
        if self.profile.reset:
            nominal += len(self.design.arms) * (_RESET_S + self.profile.refresh_s)
        return max(nominal, slots * self._longest_slot_s)

    def _open(self, slot: Slot, *, later_s: float = 0.0) -> bool:
        """Not tried yet; or voided, and its block can still end in time after another attempt."""
        attempts = self._attempts[slot.block, slot.rate, slot.arm]
        if not attempts:
            return True
        ends = self.ledger.elapsed + self.profile.trial_s + later_s
        return not any(attempts) and len(attempts) < _ATTEMPTS and ends <= self.profile.budget_s

    def _precise(self) -> bool:
        if self.profile.precision is None:
            return False
        with self.ledger.spending("judging"):
            return self.judge(self.writer.so_far(), self.profile.precision)

    def _block(self, number: int, slots: list[Slot]) -> None:
        began = self.ledger.elapsed
        left = self.profile.budget_s - began
        needed = self._block_s(number)
        most = (self.profile.blocks - number) * needed
        self.watcher.remaining(max(needed, min(left, most)))
        if began - self.signed_in_at > SIGN_IN_EVERY_S:
            self.trials = signed_in_anew(self.trials)
            self.signed_in_at = began
        if self.profile.reset:
            self._put_back(number)
        for position, slot in enumerate(slots):
            self._slot(slot, later_s=(len(slots) - position - 1) * self.profile.trial_s)
        if len(slots) == self.design.slots_in(number):
            spent = (self.ledger.elapsed - began) / len(slots)
            self._longest_slot_s = max(self._longest_slot_s, spent)

    def _put_back(self, number: int) -> None:
        self.watcher.phase(f"block {number + 1}: putting the data back to where they began")
        rate = min(self.design.rates)
        for arm in self.design.order_of_arms(number):
            with self.ledger.spending("resetting"):
                self.trials.reset(arm)
            if self.profile.refresh_s:
                with self.ledger.spending("warming"):
                    seed = self.design.seed + number
                    refresh(self.trials, arm, rate=rate, seconds=self.profile.refresh_s, seed=seed)

    def _slot(self, slot: Slot, *, later_s: float) -> None:
        """Until it is no longer open; `later_s` are those of its block's other trials."""
        attempts = self._attempts[slot.block, slot.rate, slot.arm]
        while self._open(slot, later_s=later_s):
            self.watcher.trial_begins(self._describe(slot), self.profile.trial_s)
            row = self._trial(slot, attempt=len(attempts) + 1)
            attempts.append(row.valid)
            self.watcher.trial_ended(row)
            if self._open(slot, later_s=later_s):
                self.watcher.retry(row, self.profile.trial_s)

    def _trial(self, slot: Slot, *, attempt: int) -> TrialRow:
        self._number += 1
        number, timing = self._number, self.profile
        row, resources, report = self.trials.run(
            slot, number=number, attempt=attempt, requests=self.writer.requests_path(number)
        )
        self.ledger.book("warming", timing.warmup_s)
        self.ledger.book("measuring", timing.measure_s + timing.tail_s)
        with self.ledger.spending("auditing"):
            audit = self.trials.audit(row)
        self.watcher.audited(audit)
        rows: dict[str, Sequence[AnyRow]]
        rows = {"trials": [row], "resources": resources, "audits": [audit]}
        rows |= self.more(row, report)
        self.writer.add_trial(
            number,
            rows,
            block=slot.block,
            rate=slot.rate,
            arm=slot.arm,
            attempt=attempt,
            valid=row.valid,
            reasons=list(row.reasons),
            spent=self.ledger.seconds(),
        )
        return row

    def _describe(self, slot: Slot) -> str:
        of = f"/{self.profile.blocks}" if self.profile.blocks < 1000 else ""  # noqa: PLR2004
        return f"block {slot.block + 1}{of}: {slot.arm} at {slot.rate:g} journeys/s"
