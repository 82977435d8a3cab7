"""Pace, data, dependencies and a report over all, as tables for the terminal."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.decentralization import (
    Decentralization,
    Owned,
    Pace,
    Reported,
    Typical,
)
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import amount
from twinbench.results.decentralization import MoveRow
from twinbench.results.store import Run

_PACE: Final = (
    "Pace: one line is edited in one capability; then the tests of what has the code, a build of "
    "what is deployed with it, and putting that in place until the arm has answered. Tests that "
    "several edits need are timed once."
)
_DATA: Final = (
    "Tables: read with the role's own password, in every database of the arm; shared ones are of "
    "migrations and events. Medians over capabilities."
)
_MOVE: Final = (
    "A library in another version, in as little of the arm as can have it; all others, told last, "
    "keep theirs."
)
_REPORT: Final = (
    "The report: units and amounts by category, month and customer's name, the same by every way. "
    "Lines: written for it. Missing: from the answer to an order to the first report that has it."
)
_UNTESTED: Final = "Tests were not run: an environment for them is missing (`make setup-dev`)."


def print_decentralization(console: Console, run: Run, found: Decentralization) -> None:
    configuration = run.document["configuration"]
    notes = [_PACE, _DATA, *([_MOVE] if found.moved else ()), _REPORT]
    if left := "; ".join(_left_out(configuration)):
        notes.append(f"Left out by the profile: {left}.")
    if configuration.get("tests") and any(one.test_s is None for one in found.paces):
        notes.append(_UNTESTED)
    for table in decentralization_tables(found):
        console.print()
        console.print(table)
    for note in notes:
        console.print(Text(f"- {note}"))
    if failed := sum(one.failed for one in found.paces):
        line = f"- {failed} tests failed on edited code: what took their time says little."
        console.print(Text(line, style="bold red"))


def decentralization_tables(found: Decentralization) -> list[Table]:
    moved = [_moved(found.moved)] if found.moved else []
    return [
        _typical(found), _paces(found.paces), _owned(found.owned), *moved,
        _reported(found.reported),
    ]  # fmt: skip


def _left_out(configuration: Mapping[str, Any]) -> Iterator[str]:
    if not configuration.get("tests"):
        yield "tests"
    if not configuration.get("move"):
        yield "a library in another version"
    if (edited := configuration.get("capabilities")) is not None:
        yield f"all capabilities but {edited}"


def _typical(found: Decentralization) -> Table:
    blocks = "1 block" if found.blocks == 1 else f"{found.blocks} blocks"
    title = f"From an edited line to its being served, over capabilities  [dim]({blocks})"
    table = Table(title=title, **TABLE_STYLE)
    table.add_column("arm", no_wrap=True)
    for heading in ("seconds, median", "fastest", "slowest", "tests", "components replaced"):
        table.add_column(heading, justify="right")
    for one in found.typical:
        table.add_row(one.arm, *_seconds(one), f"{one.tests:g}", f"{one.components:g}")
    return table


def _seconds(one: Typical) -> list[str]:
    return [amount(seconds) for seconds in (one.whole_s, one.fastest_s, one.slowest_s)]


def _paces(paces: Iterable[Pace]) -> Table:
    table = Table(title="Capability by capability, in seconds", **TABLE_STYLE)
    table.add_column("capability", no_wrap=True)
    table.add_column("arm", no_wrap=True)
    for heading in ("tested", "built", "serving", "in all"):
        table.add_column(heading, justify="right")
    table.add_column("replaced")
    for capability, own in groupby(paces, key=lambda one: one.capability):
        for line, one in enumerate(own):
            table.add_row(
                "" if line else capability,
                one.arm,
                "-" if one.test_s is None else amount(one.test_s),
                amount(one.build_s),
                amount(one.serve_s),
                amount(one.whole_s),
                ", ".join(one.components),
            )
        table.add_section()
    return table


def _owned(owned: Iterable[Owned]) -> Table:
    table = Table(title="Tables that the code of one capability can read", **TABLE_STYLE)
    table.add_column("arm", no_wrap=True)
    for heading in ("roles", "its own", "shared", "others'", "most of others'", "closed to it"):
        table.add_column(heading, justify="right")
    for one in owned:
        medians = [f"{figure:g}" for figure in (one.own, one.shared, one.others)]
        table.add_row(one.arm, str(one.roles), *medians, str(one.most_others), str(one.refused))
    return table


def _moved(moved: Iterable[MoveRow]) -> Table:
    table = Table(title="A library in another version", **TABLE_STYLE)
    for heading in ("arm", "library", "moved", "stayed", "outcome"):
        table.add_column(heading)
    for one in moved:
        versions = f"{one.library} {one.before} to {one.after}"
        table.add_row(one.arm, versions, ", ".join(one.moved), str(len(one.stayed)), one.outcome)
    return table


def _reported(reported: Iterable[Reported]) -> Table:
    table = Table(title="One report over all capabilities", **TABLE_STYLE)
    table.add_column("arm", no_wrap=True)
    table.add_column("way", no_wrap=True)
    for heading in ("lines", "requests", "ms", "missing ms", "longest"):
        table.add_column(heading, justify="right")
    for one in reported:
        figures = [amount(figure) for figure in (one.ms, one.stale_ms, one.most_stale_ms)]
        table.add_row(one.arm, one.way, str(one.lines), f"{one.requests:g}", *figures)
    return table
