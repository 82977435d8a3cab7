"""What the capacity searches of a run found, from its trials."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from twinbench.analysis.capacity import (
    Agreement,
    Done,
    Objective,
    Observation,
    Probe,
    Search,
    cross_check,
    next_step,
)
from twinbench.analysis.observing import observe
from twinbench.results.journal import journal_lines
from twinbench.results.rows import TrialRow
from twinbench.results.store import Run

# A search begins at this share of what the utilisation law allows, and looks so far around it.
_START: Final = 0.5
_AROUND: Final = 32.0


@dataclass(frozen=True, slots=True)
class Tried:
    """A trial of a search: its row, where its requests are, and whether it was to settle a rate."""

    row: TrialRow
    requests: Path
    longer: bool


@dataclass(frozen=True, slots=True)
class Capacity:
    """What was found of one arm, in journeys per second.

    `found` is None where the time ended first. `law` sets it beside the utilisation law, by the CPU
    time per journey of the trial at the capacity.
    """

    arm: str
    found: Done | None
    law: Agreement | None
    trials: int
    voided: int


def objective_of(run: Run) -> Objective:
    """What the run's searches held the arms to."""
    return Objective(**run.document["configuration"]["objective"])


def search_for(able: float, configuration: Mapping[str, Any]) -> Search:
    """Of an arm that could serve so many journeys per second by the utilisation law."""
    start = _START * able
    return Search(
        lowest=start / _AROUND,
        highest=start * _AROUND,
        start=start,
        resolution=configuration["resolution"],
        objective=Objective(**configuration["objective"]),
    )


def observations(tried: Iterable[Tried], objective: Objective) -> list[Observation]:
    """What the trials showed, in their order."""
    return [
        observe(
            pq.read_table(trial.requests),
            Probe(trial.row.offered_rate, trial.longer),
            warmup_s=trial.row.warmup_s,
            measure_s=trial.row.measure_s,
            valid=trial.row.valid,
            objective=objective,
        )
        for trial in tried
    ]


def tried_in(run: Run) -> dict[str, list[Tried]]:
    """The trials of every arm's search, in the order they were made."""
    configuration = run.document["configuration"]
    tried: dict[str, list[Tried]] = {arm: [] for arm in configuration["arms"]}
    for columns in sorted(run.trials.to_pylist(), key=lambda row: row["trial"]):
        row = TrialRow(**columns)
        longer = row.measure_s == configuration["confirm_s"]
        tried[row.arm].append(Tried(row, run.requests_path(row.trial), longer))
    return tried


def capacities(run: Run) -> list[Capacity]:
    """Of every arm, from what its trials show."""
    (planned,) = (line for line in journal_lines(run.folder) if line["event"] == "planned")
    return [_capacity(run, arm, planned["able"][arm], own) for arm, own in tried_in(run).items()]


def _capacity(run: Run, arm: str, able: float, tried: Sequence[Tried]) -> Capacity:
    configuration = run.document["configuration"]
    search = search_for(able, configuration)
    step = next_step(search, observations(tried, search.objective))
    found = step if isinstance(step, Done) else None
    voided = sum(not trial.row.valid for trial in tried)
    law = None
    if found is not None and found.capacity is not None:
        cores = len(run.document["limits"]["arms"][arm]["cores"])
        at = [t.row for t in tried if t.longer and t.row.valid and t.row.transactions > 0]
        law = cross_check(
            found.capacity,
            cores=configuration["budget"]["cpus"] or float(cores),
            cpu_ms_per_transaction=1000 * at[-1].cpu_seconds / at[-1].transactions,
        )
    return Capacity(arm, found, law, len(tried), voided)
