"""What arms are made of, and the price of each further split, as tables for the terminal."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.levels import Level
from twinbench.analysis.simplicity import Line, Simplicity, Split
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import amount
from twinbench.results.store import Run

_COUNTED: Final = (
    "Lines: with code in them, neither empty nor comment nor documentation; what is generated or "
    "resolved is left out. experiments/simplicity/kinds.toml says which path is of which kind."
)
_SETTINGS: Final = (
    "Settings: values that somebody has to give a component. Who is told of whom: addresses in "
    "them. Steps by hand: commands, with code and servers' programs there but no tool of ours."
)
_REST: Final = (
    "At rest: started with its data, and asked for nothing; memory is {reading}. From nothing: "
    "databases made, migrated and seeded. Both end with an answer through the gateway."
)
_ALONE: Final = (
    "Environments and images: as if each were on a machine of its own; what they share counts in "
    "each. Images are told of an arm only where all of it are there, built of the run's revision. "
    "Tests: of every folder that the arm's code is in, one folder after the other."
)
_PRICE: Final = (
    "Each further one: the difference between two arms by the difference in their processes. The "
    "code is the same; beside the process, what belongs to it comes and goes: see decision 25."
)


def print_simplicity(console: Console, run: Run, found: Simplicity) -> None:
    for table in simplicity_tables(found):
        console.print()
        console.print(table)
    reading = run.document["limits"].get("memory_reading", "PSS")
    notes = [_COUNTED, _SETTINGS, _REST.format(reading=reading), _ALONE]
    if found.splits:
        notes.append(_PRICE)
    if rest := [arm for arm in found.arms if arm not in _started(run)]:
        counted = ", ".join(rest)
        notes.append(f"Only counted in this run, not started (--arms starts them): {counted}.")
    if found.missing:
        notes.append(f"Not seen in this run: {'; '.join(found.missing)}.")
    for note in notes:
        console.print(Text(f"- {note}"))


def simplicity_tables(found: Simplicity) -> list[Table]:
    """All figures; and where the run had arms of the same code, what each further split costs."""
    return [_whole(found), *([_curve(found)] if found.splits else ())]


def _started(run: Run) -> Sequence[str]:
    """Runs that do not say so have started all."""
    configuration = run.document["configuration"]
    started: Sequence[str] = configuration.get("started", configuration["arms"])
    return started


def _whole(found: Simplicity) -> Table:
    table = Table(title="What it takes to have each arm", **TABLE_STYLE)
    table.add_column("figure")
    table.add_column("part")
    for arm in found.arms:
        table.add_column(arm, justify="right", no_wrap=True)
    for before, line in pairwise([None, *found.lines]):
        if line is not None:
            same = before is not None and before.known is line.known
            if not same and before is not None and (before.part or line.part):
                table.add_section()
            table.add_row("" if same else _words(line), line.part, *_cells(line, found))
    return table


def _words(line: Line) -> str:
    return f"{line.known.words}, {line.known.unit}" if line.known.unit else line.known.words


def _cells(line: Line, found: Simplicity) -> list[str]:
    return [_figure(line, line.by_arm.get(arm)) for arm in found.arms]


def _figure(line: Line, known: Level | None) -> str:
    if known is None:
        return "-"
    if not line.known.unit:
        return f"{known.value:,.0f}"
    if known.blocks == 1 or not math.isfinite(known.high):
        return amount(known.value)
    return f"{amount(known.value)} ±{amount(known.high - known.value)}"


def _curve(found: Simplicity) -> Table:
    table = Table(title="The price of each further split of the same code", **TABLE_STYLE)
    table.add_column("figure")
    for arm, processes in found.grouped:
        table.add_column(f"{arm}: {processes}", justify="right", no_wrap=True)
    for (_, fewer), (_, more) in pairwise(found.grouped):
        table.add_column(f"{fewer} to {more}, each", justify="right", no_wrap=True)
    for split in found.splits:
        unit = f", {split.known.unit}" if split.known.unit else ""
        table.add_row(split.known.words + unit, *_values(split), *map(_price, split.prices))
    return table


def _values(split: Split) -> list[str]:
    told = amount if split.known.unit else "{:,.0f}".format
    return [told(value) for value in split.values]


def _price(value: float) -> str:
    sign = "-" if value < 0 else "+" if value else ""
    return f"{sign}{amount(abs(value))}" if value else "0"
