"""Windows, effects, orders left pending and reads, as tables for the terminal."""

import math
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.consistency import (
    PARTS,
    Consistency,
    Effects,
    EffectWindow,
    Left,
    ReadCost,
)
from twinbench.analysis.levels import Level
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import amount, bounds
from twinbench.results.store import Run

_WINDOW: Final = (
    "Window: from the answer that acknowledged the cause to the first read that shows the effect, "
    "as a customer sees it; so a read's own time is in it. The last column says by how much the "
    "effect may have been there earlier, at the median."
)
_EFFECTS: Final = (
    "Effects are counted in the arm's databases and in the acquirer's ledger when all had settled, "
    "after each trial and after kills."
)
_LEFT: Final = (
    "Left pending: orders that a kill kept from their end for more than a second. Settled: from "
    "the return of the last component until nothing was left to do."
)
_BEYOND: Final = (
    "Beyond local: CPU of a read that needs another capability, in times of one that does not; "
    "against the first arm, so that the framework's own speed falls out."
)
_LEAST_MS: Final = 0.01


def print_consistency(console: Console, run: Run, found: Consistency) -> None:
    console.print()
    console.print(
        f"[bold]What is consistent when[/bold]  [dim]({found.blocks} blocks, "
        f"{run.document['configuration']['probers']} probing customers; load: {found.rate:g} "
        "journeys per second)[/dim]"
    )
    for table in consistency_tables(found):
        console.print()
        console.print(table)
    for note in (_WINDOW, _EFFECTS, _LEFT, _BEYOND):
        console.print(Text(f"- {note}"))
    if not found.sound:
        line = "- Too few valid trials under load: run again on a quieter machine."
        console.print(Text(line, style="bold red"))


def consistency_tables(found: Consistency) -> tuple[Table, ...]:
    return _windows(found), _effects(found), _left(found.left), _reads(found.reads)


def _windows(found: Consistency) -> Table:
    table = Table(title="How long an effect may be missing, in ms", **TABLE_STYLE)
    table.add_column("effect", no_wrap=True)
    table.add_column("arm", no_wrap=True)
    for part in PARTS:
        for heading in (f"{part} p50", "p99", "max"):
            table.add_column(heading, justify="right")
    table.add_column("seen within", justify="right")
    for effect, of_effect in groupby(found.windows, key=lambda one: one.effect):
        own = list(of_effect)
        seen = {one.arm for one in own}
        for line, arm in enumerate(arm for arm in found.arms if arm in seen):
            by_part = {one.part: one for one in own if one.arm == arm}
            cells = [cell for part in PARTS for cell in _figures(by_part.get(part))]
            within = max(one.within_ms for one in by_part.values())
            table.add_row("" if line else effect, arm, *cells, _ms(within))
        table.add_section()
    return table


def _figures(one: EffectWindow | None) -> tuple[str, str, str]:
    if one is None:
        return ("-", "-", "-")
    return (_ms(one.p50), "-" if one.p99 is None else _ms(one.p99), _ms(one.most))


def _ms(value: float) -> str:
    return "never" if math.isinf(value) else amount(max(value, _LEAST_MS))


def _effects(found: Consistency) -> Table:
    table = Table(title="Effects: due, lost or doubled", **TABLE_STYLE)
    table.add_column("effect", no_wrap=True)
    for arm in found.arms:
        table.add_column(arm, justify="right")
    for effect, own in groupby(found.effects, key=lambda one: one.effect):
        table.add_row(effect, *(_tally(one) for one in own))
    return table


def _tally(one: Effects) -> Text:
    wrong = one.lost or one.doubled
    detail = f", {one.lost} lost, {one.doubled} doubled" if wrong else ""
    return Text(f"{one.due}{detail}", style="bold red" if wrong else "")


def _left(left: Iterable[Left]) -> Table:
    table = Table(title="Orders that kills left pending, in seconds", **TABLE_STYLE)
    table.add_column("arm", no_wrap=True)
    for heading in ("kills", "left pending", "completed", "p50", "max", "settled after"):
        table.add_column(heading, justify="right")
    for one in left:
        table.add_row(
            one.arm,
            str(one.kills),
            str(one.count),
            str(one.completed),
            "-" if one.p50 is None else f"{one.p50:.1f}",
            "-" if one.most is None else f"{one.most:.1f}",
            f"{one.settled_s:.1f}",
        )
    return table


def _reads(reads: Iterable[ReadCost]) -> Table:
    table = Table(title="What a read costs, one at a time", **TABLE_STYLE)
    table.add_column("data of", no_wrap=True)
    table.add_column("arm", no_wrap=True)
    for heading in ("ms", "CPU-ms", "interval", "beyond local", "against first arm", "interval"):
        table.add_column(heading, justify="right")
    for read, of_read in groupby(reads, key=lambda one: one.read):
        for line, one in enumerate(of_read):
            table.add_row(
                "" if line else read,
                one.arm,
                f"{one.ms.value:.2f}",
                f"{one.cpu_ms.value:.2f}",
                _span(one.cpu_ms),
                f"{one.beyond_local.ratio:.2f}",
                "-" if one.against is None else f"{one.against.ratio:.2f}",
                "-" if one.against is None else bounds(one.against),
            )
        table.add_section()
    return table


def _span(known: Level) -> str:
    return f"{known.low:.2f}-{known.high:.2f}" if math.isfinite(known.high) else "one block"
