"""Thresholds and what became of them, as a table for the terminal."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.slo import Finding
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import amount

_FIGURES: Final = ("journeys/s", "limit", "observed")
_STYLES: Final = {"kept": "green", "breached": "bold red", "unknown": "yellow"}


def print_slos(console: Console, findings: Sequence[Finding]) -> None:
    table = Table(title="Thresholds", **TABLE_STYLE)
    for heading in ("arm", "journeys/s", "of", "", "limit", "observed", ""):
        table.add_column(heading, justify="right" if heading in _FIGURES else "left")
    for finding in findings:
        table.add_row(
            finding.arm,
            f"{finding.rate:g}",
            finding.subject,
            finding.measure,
            _figure(finding, finding.limit),
            _figure(finding, finding.observed),
            Text(finding.outcome, style=_STYLES[finding.outcome]),
        )
    console.print()
    console.print(table)


def _figure(finding: Finding, value: float | None) -> str:
    if value is None:
        return "too few"
    return f"{value:.2%}" if finding.measure == "errors" else f"{amount(value)} ms"
