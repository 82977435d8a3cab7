"""What arms serve as they get more, or have more to do, as tables for the terminal."""

import math
from collections.abc import Callable
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.scalability import Bounded
from twinbench.analysis.scaling import Beside, Reach, Scaling
from twinbench.report.skew import notes_beside, print_beside, warnings_beside
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import amount, bounds, megabytes
from twinbench.results.store import Run

_TITLES: Final = {
    "cpus": "Capacity by CPU budget, as a share of the arm's cores",
    "gateways": "Capacity by replicas of the gateway, one of everything behind it",
    "hot": "Capacity by replicas of the component that recommends, one of every other",
    "replicas": "Capacity by replicas of everything that serves requests",
    "work": "Capacity by candidates that a recommendation scores",
}
_CLIMB: Final = (
    "Capacity: the highest of a staircase of rates that the arm served within the objective; the "
    "next step is {step:.0%} higher. Geometric mean over blocks."
)
_LAW: Final = (
    "Scalability law: X(N) = rate N / (1 + contention (N - 1) + coherency N (N - 1)), N being a "
    "budget in times of the smallest, {unit:g} CPUs. A budget is time on cores, not a core."
)
_ONE_MACHINE: Final = (
    "All replicas share the arm's cores: more of them help where one process cannot use the cores "
    "there are, and cost where it can."
)


def print_scaling(console: Console, run: Run, found: Scaling) -> None:
    objective = found.objective
    console.print()
    console.print(
        f"[bold]What an arm can serve[/bold] with p{objective.percentile:g} within "
        f"{objective.limit_ms:g} ms and at most {objective.max_error_share:.1%} errors"
    )
    for table in scaling_tables(found):
        console.print()
        console.print(table)
    print_beside(console, found)
    console.print()
    cores = {len(arm["cores"]) for arm in run.document["limits"]["arms"].values()}
    notes = [
        *([_CLIMB.format(step=found.resolution)] if found.reaches else []),
        *([_LAW.format(unit=found.unit)] if found.laws else []),
        *notes_beside(found),
        _ONE_MACHINE,
    ]
    for note in (*notes, f"Cores of an arm here: {max(cores)}."):
        console.print(Text(f"- {note}"))
    for warning in (*_warnings(found), *warnings_beside(found)):
        console.print(Text(f"- {warning}", style="bold red"))


def scaling_tables(found: Scaling) -> list[Table]:
    """One for each factor, and one of the law where there is one."""
    tables = [
        _factor_table(factor, list(reaches), found)
        for factor, reaches in groupby(found.reaches, key=lambda reach: reach.factor)
    ]
    return [*tables, _laws_table(found)] if found.laws else tables


def _factor_table(factor: str, reaches: list[Reach], found: Scaling) -> Table:
    table = Table(title=_TITLES[factor], **TABLE_STYLE)
    for title in ("level", "arm", "capacity /s", "95 % interval", "ratio", "CPU-ms", "memory"):
        table.add_column(title, justify="left" if title == "arm" else "right", no_wrap=True)
    for level, arms in groupby(reaches, key=lambda reach: reach.level):
        for place, reach in enumerate(arms):
            table.add_row(
                "" if place else f"{level:g}",
                reach.arm,
                _capacity(reach),
                _between(reach.low, reach.high),
                _ratio(reach, found.beside),
                _known(reach.cpu_ms, amount),
                _known(reach.memory_bytes, megabytes),
            )
        table.add_section()
    return table


def _capacity(reach: Reach) -> str:
    if reach.capacity is None:
        return "none"
    return f"{'≥ ' if reach.at_least else ''}{amount(reach.capacity)}"


def _known(figure: float, told: Callable[[float], str]) -> str:
    """Nothing is known of a case whose climbs were all voided."""
    return "-" if math.isnan(figure) else told(figure)


def _between(low: float, high: float) -> str:
    return f"{amount(low)}-{amount(high)}" if math.isfinite(high) else "-"


def _ratio(reach: Reach, beside: tuple[Beside, ...]) -> str:
    own = (reach.factor, reach.level, reach.arm)
    for one in beside:
        if (one.factor, one.level, one.arm) == own:
            return f"{one.estimate.ratio:.2f} ({bounds(one.estimate)})"
    return ""


def _laws_table(found: Scaling) -> Table:
    table = Table(title="Scalability law over CPU budgets", **TABLE_STYLE)
    for title in ("arm", "rate of one", "contention", "coherency", "peak"):
        table.add_column(title, justify="left" if title == "arm" else "right")
    for arm, law in found.laws.items():
        peak = "no peak found" if math.isinf(law.peak.value) else _bounded(law.peak)
        table.add_row(arm, *map(_bounded, (law.rate, law.contention, law.coherency)), peak)
    return table


def _bounded(figure: Bounded) -> str:
    high = "∞" if math.isinf(figure.high) else f"{figure.high:.3g}"
    return f"{figure.value:.3g} ({figure.low:.3g}-{high})"


def _warnings(found: Scaling) -> list[str]:
    none = [f"{r.arm} at {r.factor} {r.level:g}" for r in found.reaches if r.capacity is None]
    voided = sum(reach.voided for reach in found.reaches)
    return [
        *([f"No climb met the objective or was valid: {', '.join(none)}"] if none else []),
        *([f"{voided} climbs voided: the machine was disturbed"] if voided else []),
        *(
            ["Some climbs went to their end: those capacities are lower bounds"]
            if any(reach.at_least for reach in found.reaches)
            else []
        ),
    ]
