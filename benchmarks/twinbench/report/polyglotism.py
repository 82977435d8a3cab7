"""Gains and costs of other implementations, as tables for the terminal."""

import math
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.polyglotism import Gain, Polyglotism
from twinbench.report.style import TABLE_STYLE, VERDICT_STYLES
from twinbench.results.store import Run

_CPU: Final = (
    "CPU per request: of those that came through the gateway; what other services asked of the "
    "component meanwhile is in it, for both alike."
)
_SWAPS: Final = (
    "Swapped: a new replica of the other beside the old one, and all who ask told at once, in the "
    "middle of a trial. Failed: requests that need the component. Crossed: others, such as a "
    "sign-in under which the gateway closed its connection: no client may send it again."
)
_LINES: Final = (
    "Lines are the project's own, as many as there would be to keep: the Python services share "
    "their kit, the one in Node.js brings its own. Packages are those of its locks, installed what "
    "of them is needed here to run (Node.js itself among them, the interpreter of Python not)."
)
_MONOLITH: Final = (
    "The monolith can have the same without a second program: a native extension where a rule is "
    "slow, another store behind its public.py. What it cannot is to leave its own process."
)


def print_polyglotism(console: Console, run: Run, found: Polyglotism) -> None:
    rate = run.document["configuration"]["rate"]
    console.print()
    console.print(
        "[bold]Another language, another database[/bold]  "
        f"[dim]({rate:g} journeys per second)[/dim]"
    )
    for component, gains in groupby(found.gains, key=lambda one: one.component):
        own = [side.name for side in found.sides if side.component == component]
        console.print()
        console.print(_gains_table(component, own, list(gains)))
    for table in (_swaps_table(found), _sides_table(found)):
        console.print()
        console.print(table)
    for note in (_CPU, _SWAPS, _LINES, _MONOLITH):
        console.print(Text(f"- {note}"))
    for swap in found.swaps:
        for reason in swap.reasons:
            console.print(Text(f"- {swap.other} did not take over: {reason}", style="bold red"))


def _gains_table(component: str, names: list[str], gains: list[Gain]) -> Table:
    table = Table(title=component, **TABLE_STYLE)
    table.add_column("figure", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for gain in gains:
        verdict = gain.verdict or "disturbed"
        table.add_row(
            f"{gain.what}, {gain.unit}",
            f"{gain.original:.3g}",
            f"{gain.other:.3g}",
            _ratio(gain),
            Text(verdict, style=VERDICT_STYLES.get(verdict, "dim")),
        )
    return table


def _ratio(gain: Gain) -> str:
    one = gain.estimate
    if not (math.isfinite(one.low) and math.isfinite(one.high)) or one.blocks == 1:
        return f"{one.ratio:.2f}"
    return f"{one.ratio:.2f} ({one.low:.2f}-{one.high:.2f})"


def _swaps_table(found: Polyglotism) -> Table:
    table = Table(title="Swapped under load", **TABLE_STYLE)
    table.add_column("original")
    table.add_column("gave way to")
    for heading in ("times", "seconds", "requests", "failed", "crossed"):
        table.add_column(heading, justify="right")
    for swap in found.swaps:
        style = "bold red" if swap.failed else "green"
        table.add_row(
            swap.original,
            swap.other,
            str(swap.count),
            f"{swap.seconds:.1f}",
            f"{swap.requests:,}",
            Text(str(swap.failed), style=style),
            str(swap.crossed),
        )
    return table


def _sides_table(found: Polyglotism) -> Table:
    table = Table(title="What there is to write and to bring along", **TABLE_STYLE)
    table.add_column("implementation")
    table.add_column("/version")
    for heading in ("lines", "of tests", "packages", "installed MB"):
        table.add_column(heading, justify="right")
    for side in found.sides:
        table.add_row(
            side.name,
            side.version,
            f"{side.lines:,}",
            f"{side.test_lines:,}",
            str(side.packages),
            f"{side.installed_mb:.0f}",
        )
    return table
