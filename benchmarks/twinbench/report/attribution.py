"""Causes as a table for the terminal."""

from collections.abc import Iterable
from typing import Final

from rich.table import Table
from rich.text import Text

from twinbench.analysis.attribution import CAUSES, Attribution, Factor
from twinbench.report.style import TABLE_STYLE, VERDICT_STYLES
from twinbench.report.words import amount, bounds

# Verdicts in one character, for tables too narrow for words.
_MARKS: Final = {"higher": "+", "lower": "-", "equivalent": "=", "inconclusive": "?"}
_UNJUDGED: Final = {"void": "!", "curve": ""}


def attribution_table(rate: float, parts: Iterable[Attribution]) -> Table:
    """Each ratio of microservices to monolith, at one rate, as framework x distribution."""
    table = Table(
        title=f"Cause, at {rate:g} journeys per second  "
        "[dim](+ higher, - lower, = equivalent, ? inconclusive)[/dim]",
        **TABLE_STYLE,
    )
    table.add_column("", no_wrap=True)
    table.add_column("wait", no_wrap=True)
    for cause in CAUSES:
        table.add_column(cause, justify="right", no_wrap=True)
    for part in parts:
        table.add_row(part.subject, part.measure, *_cells(part))
    return table


def _cells(part: Attribution) -> list[Text]:
    return [_cell(factor) for factor in (part.framework, part.distribution, part.total)]


def _cell(factor: Factor) -> Text:
    ratio, edges = amount(factor.estimate.ratio), bounds(factor.estimate)
    mark = _MARKS[factor.verdict] if factor.verdict else _UNJUDGED[factor.unjudged or "void"]
    said = f"{ratio} ({edges}) {mark}".rstrip()
    return Text(said, style=VERDICT_STYLES.get(factor.verdict or "", "yellow"))
