"""One trial with a fault in it: load, the fault, what the contract promises of it, and evidence."""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Final, NamedTuple

from twinbench.experiments.design import Slot
from twinbench.experiments.fault_profiles import ResilienceProfile
from twinbench.experiments.faults import Fault, place_of
from twinbench.experiments.gates import Gates
from twinbench.experiments.promises import Asker, Seen, promise_of
from twinbench.experiments.striking import Breaker, Struck, Window
from twinbench.experiments.trial import Trials
from twinbench.results.resilience import FaultRow, PromiseRow
from twinbench.results.rows import AnyRow, TrialRow

_DID_NOT_BITE: Final = "the fault did not bite"
# After a fault has begun, until its promises are asked for.
_ASK_S: Final = 0.5
_ANY_NUMBER: Final = 1_000_000

Rows = Mapping[str, Sequence[AnyRow]]


@dataclass(frozen=True, slots=True)
class FaultTrial:
    """One fault on one arm at one place in the run."""

    slot: Slot
    fault: Fault


class _Striking(NamedTuple):
    """What goes on beside the load; `origin` is the trial's."""

    origin: float
    struck: Future[Struck]
    seen: Future[Seen | None]


@dataclass(frozen=True, slots=True)
class FaultTrials:
    """Runs trials on arms that `breakable` has prepared; an asker for each arm."""

    trials: Trials
    breaker: Breaker
    askers: Mapping[str, Asker]
    profile: ResilienceProfile

    def run(
        self, trial: FaultTrial, *, number: int, attempt: int, requests: Path
    ) -> tuple[TrialRow, Rows]:
        """The trial's row, void if the fault did not bite, and rows for all tables."""
        over = Event()
        begun: list[_Striking] = []
        trials = replace(
            self.trials,
            gates=self._gates(trial.fault),
            memory_throughout=trial.fault.means == "load",
        )
        with ThreadPoolExecutor(2, thread_name_prefix="fault") as pool:
            try:
                played = trials.run(
                    trial.slot,
                    number=number,
                    attempt=attempt,
                    requests=requests,
                    begun=lambda origin: begun.append(self._begin(pool, trial, origin, over)),
                )
            except BaseException:
                over.set()
                self.breaker.give_up()
                raise
            ((origin, struck, seen),) = begun
            row = _judged(played.row, struck.result())
            rows: dict[str, Sequence[AnyRow]] = {"trials": [row], "resources": played.resources}
            rows["faults"] = [self._fault_row(row, trial.fault, origin, struck.result())]
            if (found := seen.result()) is not None:
                rows["promises"] = [_promise_row(row, trial.fault, found)]
            return row, rows

    def _gates(self, fault: Fault) -> Gates:
        """What is made to fail may be started again."""
        if fault.means == "none":
            return self.trials.gates
        return replace(self.trials.gates, restarts=_ANY_NUMBER)

    def _begin(
        self, pool: ThreadPoolExecutor, trial: FaultTrial, origin: float, over: Event
    ) -> _Striking:
        begins = origin + self.profile.warmup_s
        load = trial.fault.means == "load"
        lasting = self.profile.measure_s if load else self.profile.fault_s
        window = Window(begins, begins + lasting)
        arm, fault = trial.slot.arm, trial.fault
        struck = pool.submit(self.breaker.strike, arm, fault, window)
        return _Striking(origin, struck, pool.submit(self._ask, arm, fault, window, over))

    def _ask(self, arm: str, fault: Fault, window: Window, over: Event) -> Seen | None:
        place = place_of(self.breaker.topology, arm, fault)
        asking = promise_of(fault, place.component) if place is not None else None
        if asking is None or over.wait(window.begins + _ASK_S - time.monotonic()):
            return None
        follow = asking(self.askers[arm])
        over.wait(max(0.0, window.ends - time.monotonic()))
        return follow()

    def _fault_row(self, row: TrialRow, fault: Fault, origin: float, struck: Struck) -> FaultRow:
        def since(instant: float) -> int:
            return round((instant - origin) * 1e9)

        strikes = fault.means not in {"none", "load"}
        place = place_of(self.breaker.topology, row.arm, fault) if strikes else None
        return FaultRow(
            trial=row.trial,
            arm=row.arm,
            fault=fault.name,
            component=place.component if place is not None else "",
            begins_ns=since(struck.begins),
            ends_ns=since(struck.ends),
            ready_ns=None if struck.ready is None else since(struck.ready),
            bites=struck.bites,
        )


def _judged(row: TrialRow, struck: Struck) -> TrialRow:
    """A fault that did not bite voids its trial."""
    if struck.bites > 0:
        return row
    return replace(row, valid=False, reasons=(*row.reasons, _DID_NOT_BITE))


def _promise_row(row: TrialRow, fault: Fault, seen: Seen) -> PromiseRow:
    return PromiseRow(row.trial, row.arm, fault.name, seen.promise, seen.kept, seen.what)
