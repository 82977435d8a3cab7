"""The search of `run capacity`, and what it found."""

from collections.abc import Sequence
from typing import Final

import typer
from rich.console import Console
from rich.table import Table

from twinbench.analysis.capacities import (
    Capacity,
    Tried,
    objective_of,
    observations,
    search_for,
)
from twinbench.analysis.capacity import Probe, next_step
from twinbench.experiments.capacity import Shown, Try
from twinbench.experiments.settings import CapacitySettings
from twinbench.results.store import Run

_INVALID_MEASUREMENT: Final = 3


def next_try(settings: CapacitySettings, able: float, shown: Sequence[Shown]) -> Try | None:
    """By the search of the analysis."""
    search = search_for(able, settings.configuration())
    tried = [Tried(trial.row, trial.requests, trial.longer) for trial in shown]
    step = next_step(search, observations(tried, search.objective))
    return Try(step.rate, step.confirming) if isinstance(step, Probe) else None


def print_capacities(console: Console, run: Run, found: Sequence[Capacity]) -> None:
    objective = objective_of(run)
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
