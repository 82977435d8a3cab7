"""The trials of `scaling`: what is played and kept is the same for climbs and for searches."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from twinbench.engines.protocol import Engine
from twinbench.experiments.design import Slot
from twinbench.experiments.scaling_profiles import ScalingSettings
from twinbench.experiments.session import Session
from twinbench.experiments.timekeeping import Ledger
from twinbench.experiments.trial import Trials
from twinbench.experiments.watcher import Watcher
from twinbench.results.rows import AnyRow, TrialRow
from twinbench.results.scaling import ReplicaRow
from twinbench.results.store import RunWriter
from twinbench.topology import Topology


class Case(NamedTuple):
    """What is to be found out of one arm, with one level of one factor."""

    block: int
    factor: str
    level: float
    arm: str

    def __str__(self) -> str:
        return f"block {self.block + 1}: {self.arm} with {self.factor} {self.level:g}"


@dataclass(slots=True)
class Scene:
    """Where cases take place. `made` counts trials."""

    settings: ScalingSettings
    begun: Session
    topology: Topology
    writer: RunWriter
    watcher: Watcher
    ledger: Ledger
    made: int = 0

    @property
    def trials(self) -> Trials:
        return self.begun.trials

    @property
    def next_number(self) -> int:
        return self.made + 1

    def reset(self, case: Case) -> None:
        """The arm's data as they were seeded."""
        self.watcher.phase(str(case))
        with self.ledger.spending("resetting"):
            self.trials.reset(case.arm)

    def play(
        self,
        trials: Trials,
        case: Case,
        slot: Slot,
        rows: Mapping[str, Sequence[AnyRow]],
        *,
        attempt: int = 1,
    ) -> TrialRow:
        """A trial, its audit, and its rows with those of the experiment's own tables."""
        number, timing = self.next_number, trials.timing
        row, resources, _ = trials.run(
            slot, number=number, attempt=attempt, requests=self.writer.requests_path(number)
        )
        self.ledger.book("warming", timing.warmup_s)
        self.ledger.book("measuring", timing.measure_s + timing.tail_s)
        with self.ledger.spending("auditing"):
            audit = trials.audit(row)
        whole: dict[str, Sequence[AnyRow]]
        whole = {"trials": [row], "resources": resources, "audits": [audit], **rows}
        self.writer.add_trial(
            number,
            whole,
            **case._asdict(),
            attempt=attempt,
            valid=row.valid,
            reasons=list(row.reasons),
            spent=self.ledger.seconds(),
        )
        self.made = number
        self.watcher.trial_ended(row)
        self.watcher.audited(audit)
        return row


def replica_rows(
    engine: Engine, arm: str, components: Iterable[str], trial: int
) -> list[ReplicaRow]:
    """Where the replicas of these are, of which there are several."""
    asked = set(components)
    if not asked:
        return []
    return [
        ReplicaRow(trial, arm, component.name, replica.name, replica.address)
        for component in engine.status().components
        if component.name in asked and len(component.replicas) > 1
        for replica in component.replicas
        if replica.address is not None
    ]
