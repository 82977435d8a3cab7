"""The search of `run capacity`, and what it found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow.parquet as pq
import typer
from rich.console import Console
from rich.table import Table

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
from twinbench.experiments.capacity import Shown, Try, shown_by
from twinbench.experiments.settings import CapacitySettings
from twinbench.results.journal import journal_lines
from twinbench.results.rows import TrialRow
from twinbench.results.store import Run

# A search begins at this share of what the utilisation law allows, and looks so far around it.
_START: Final = 0.5
_AROUND: Final = 32.0
_INVALID_MEASUREMENT: Final = 3


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


def next_try(settings: CapacitySettings, able: float, shown: Sequence[Shown]) -> Try | None:
    """By the search of the analysis."""
    step = next_step(_search(settings, able), _observed(settings, shown))
    return Try(step.rate, step.confirming) if isinstance(step, Probe) else None


def capacities(run: Run) -> list[Capacity]:
    """Of every arm, from what its trials show."""
    settings = CapacitySettings.of(run.document, run.folder)
    (planned,) = (line for line in journal_lines(run.folder) if line["event"] == "planned")
    rows = [TrialRow(**row) for row in run.trials.to_pylist()]
    shown = shown_by(rows, settings, run.requests_path)
    limits = run.document["limits"]["arms"]
    return [
        _capacity(settings, arm, planned["able"][arm], shown[arm], limits[arm])
        for arm in settings.arms
    ]


def _capacity(
    settings: CapacitySettings,
    arm: str,
    able: float,
    shown: Sequence[Shown],
    limit: Mapping[str, object],
) -> Capacity:
    step = next_step(_search(settings, able), _observed(settings, shown))
    found = step if isinstance(step, Done) else None
    voided = sum(not trial.row.valid for trial in shown)
    law = None
    if found is not None and found.capacity is not None:
        cores = settings.budget.cpus or float(len(list(limit["cores"])))  # type: ignore[call-overload]
        at = [t.row for t in shown if t.longer and t.row.valid and t.row.transactions > 0]
        cpu_ms = 1000 * at[-1].cpu_seconds / at[-1].transactions
        law = cross_check(found.capacity, cores=cores, cpu_ms_per_transaction=cpu_ms)
    return Capacity(arm, found, law, len(shown), voided)


def _search(settings: CapacitySettings, able: float) -> Search:
    start = _START * able
    return Search(
        lowest=start / _AROUND,
        highest=start * _AROUND,
        start=start,
        resolution=settings.profile.resolution,
        objective=Objective(**settings.objective),
    )


def _observed(settings: CapacitySettings, shown: Sequence[Shown]) -> list[Observation]:
    objective = Objective(**settings.objective)
    return [
        observe(
            pq.read_table(trial.requests),
            Probe(trial.row.offered_rate, trial.longer),
            warmup_s=trial.row.warmup_s,
            measure_s=trial.row.measure_s,
            valid=trial.row.valid,
            objective=objective,
        )
        for trial in shown
    ]


def print_capacities(console: Console, run: Run, found: Sequence[Capacity]) -> None:
    objective = Objective(**run.document["configuration"]["objective"])
    console.print(
        "[bold]Capacity[/bold]: the most journeys per second with "
        f"p{objective.percentile:g} of all requests within {objective.limit_ms:g} ms "
        f"and at most {objective.max_error_share:.1%} errors"
    )
    table = Table(box=None, pad_edge=False)
    for title in ("arm", "capacity /s", "fails at", "utilisation law", "trials", "voided"):
        table.add_column(title, justify="left" if title == "arm" else "right")
    for one in found:
        table.add_row(
            one.arm,
            _figure(one.found.capacity if one.found else None),
            _figure(one.found.fails_at if one.found else None),
            "-" if one.law is None else f"{one.law.lawful:.3g} (search at {one.law.ratio:.0%})",
            str(one.trials),
            str(one.voided),
        )
    console.print(table)
    for one in found:
        if one.found is None:
            console.print(f"{one.arm}: the time ended before the search did")
        elif one.found.void:
            console.print(f"{one.arm}: the machine was too busy, trials were voided time and again")


def exit_unless_found(found: Sequence[Capacity]) -> None:
    """Exits 3 where a search did not come to its end."""
    if any(one.found is None or one.found.void for one in found):
        raise typer.Exit(_INVALID_MEASUREMENT)


def _figure(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.3g}"
