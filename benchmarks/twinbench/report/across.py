"""Two runs as tables for the terminal."""

from collections.abc import Iterable
from itertools import groupby

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.across import Across, AcrossRow
from twinbench.report.style import TABLE_STYLE, VERDICT_STYLES
from twinbench.report.words import amount, bounds

_READING = (
    "Ratio: run B in times of run A, of the same arm at the same rate; verdicts are about B. The "
    "runs share no blocks: what the machine did differently meanwhile is in the ratio."
)


def print_across(console: Console, across: Across, *, endpoints: bool) -> None:
    """All figures of both runs, by rate and arm, and what else differs between the runs."""
    for rows in (across.rows, across.endpoints if endpoints else ()):
        for (rate, arm), own in groupby(_by_arm(rows), key=lambda row: (row.rate, row.arm)):
            console.print()
            console.print(_table(f"{arm} at {rate:g} journeys per second", own))
    console.print(Text(f"- {_READING}"))
    for name, (one, other) in across.differences.items():
        console.print(Text(f"- The runs differ in {name}: {one} and {other}."))
    if not across.sound:
        void = "- Too few valid trials: some of the figures above support no verdict."
        console.print(Text(void, style="bold red"))


def _by_arm(rows: Iterable[AcrossRow]) -> list[AcrossRow]:
    ordered = list(rows)
    arms = list(dict.fromkeys(row.arm for row in ordered))
    return sorted(ordered, key=lambda row: (row.rate, arms.index(row.arm)))


def _table(title: str, rows: Iterable[AcrossRow]) -> Table:
    table = Table(title=title, **TABLE_STYLE)
    table.add_column("", no_wrap=True)
    table.add_column("wait")
    for heading in ("run A", "run B", "ratio", "95 % interval"):
        table.add_column(heading, justify="right")
    table.add_column("verdict", no_wrap=True)
    for row in rows:
        table.add_row(
            row.subject,
            row.measure,
            f"{amount(row.a)} {row.unit}",
            f"{amount(row.b)} {row.unit}",
            amount(row.estimate.ratio),
            bounds(row.estimate),
            Text(
                row.verdict or row.unjudged or "",
                style=VERDICT_STYLES.get(row.verdict or "", "yellow"),
            ),
        )
    return table
