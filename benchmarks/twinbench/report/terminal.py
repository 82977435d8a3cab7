"""The comparison as tables for the terminal, in words for someone who sees it first."""

from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twinbench.analysis.comparison import Comparison, Row
from twinbench.analysis.samples import component_figures, final_trials
from twinbench.analysis.voids import voids
from twinbench.report.attribution import attribution_table
from twinbench.report.notes import limiting_notes, reading_notes
from twinbench.report.style import TABLE_STYLE, VERDICT_STYLES
from twinbench.report.words import amount, finding, interval, megabytes
from twinbench.results.store import Run

_UNEVEN: Final = 0.05


def print_comparison(console: Console, run: Run, comparison: Comparison) -> None:
    """Everything a reader needs, top to bottom: figures, causes, how to read them, limits."""
    console.print()
    for rate in comparison.blocks:
        console.print(rows_table(run, comparison, rate, comparison.rows))
        console.print()
    for rate, parts in groupby(comparison.attribution, key=lambda part: part.rate):
        console.print(attribution_table(rate, parts))
        console.print()
    console.print(_component_table(run, comparison))
    console.print()
    console.print(Padding(_notes(run, comparison), (0, 1)))


def print_endpoints(console: Console, run: Run, comparison: Comparison) -> None:
    """Every single request at every rate."""
    for rate in comparison.blocks:
        console.print()
        console.print(rows_table(run, comparison, rate, comparison.endpoints))


def rows_table(run: Run, comparison: Comparison, rate: float, rows: Iterable[Row]) -> Table:
    """The rows of one rate: a line per arm, the base first."""
    seconds = run.document["configuration"]["measure_s"]
    table = Table(
        title=f"At {rate:g} journeys per second  "
        f"[dim]({comparison.blocks[rate]} blocks of {seconds:g} s per arm)[/dim]",
        **TABLE_STYLE,
    )
    own = [row for row in rows if row.rate == rate]
    requests = bool(own) and own[0].kind == "request"
    table.add_column("request" if requests else "journey", overflow="fold")
    table.add_column("wait")
    table.add_column("arm", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("ratio", justify="right", no_wrap=True)
    table.add_column("95 % interval", justify="right")
    table.add_column("verdict", no_wrap=True)
    for subject, of_subject in groupby(own, key=lambda row: row.subject):
        for place, (measure, group) in enumerate(groupby(of_subject, key=lambda row: row.measure)):
            _add_lines(table, (subject if not place else "", measure), list(group))
        table.add_section()
    return table


def _add_lines(table: Table, heading: tuple[str, str], rows: list[Row]) -> None:
    first = rows[0]
    table.add_row(*heading, first.first, _value(first, first.first))
    for row in rows:
        style = VERDICT_STYLES.get(row.verdict or "", "yellow")
        ratio, said = amount(row.estimate.ratio), Text(finding(row), style=style)
        table.add_row("", "", row.second, _value(row, row.second), ratio, interval(row), said)


def _value(row: Row, arm: str) -> str:
    return f"{amount(row.typical[arm])} {row.unit}"


def _component_table(run: Run, comparison: Comparison) -> Table:
    """Every arm's components, the busiest first."""
    fastest = max(comparison.blocks)
    trials = [trial.number for trial in final_trials(run) if trial.rate == fastest]
    figures = component_figures(run, trials)
    table = Table(title=f"Each component at {fastest:g} journeys per second", **TABLE_STYLE)
    table.add_column("arm")
    table.add_column("component")
    table.add_column("of a core", justify="right")
    table.add_column("memory", justify="right")
    for arm in comparison.arms:
        parts = sorted(figures.get(arm, {}).items(), key=lambda item: -item[1][0])
        for place, (name, (cores, pss)) in enumerate(parts):
            own = name.removeprefix(f"{arm}-")
            table.add_row("" if place else arm, own, f"{cores:.1%}", megabytes(pss))
        cores, pss = (sum(values[index] for _, values in parts) for index in (0, 1))
        table.add_row("", "all together", f"{cores:.1%}", megabytes(pss), style="bold")
        table.add_section()
    return table


def _notes(run: Run, comparison: Comparison) -> Group:
    lines: list[Text] = []
    for heading, notes in (
        ("How to read this", reading_notes(comparison)),
        ("What this does not show", limiting_notes(run, comparison)),
    ):
        lines.append(Text(heading, style="bold"))
        lines += [Text(f"- {note}") for note in notes]
    return Group(*lines, *_warnings(run, comparison))


def _warnings(run: Run, comparison: Comparison) -> list[Text]:
    """What went wrong, loudly; nothing if nothing did."""
    lines: list[Text] = []
    for arm in comparison.arms:
        if failed := comparison.failed[arm]:
            share = failed / comparison.requests[arm]
            lines.append(Text(f"- {arm}: {failed} requests failed ({share:.2%})", style="red"))
    lines += [Text(f"- {note}", style="yellow") for note in _void_notes(run)]
    if not comparison.sound:
        lines.append(
            Text(
                "- Too few valid trials: the figures above support no verdict. Close other "
                "programs and run again.",
                style="bold red",
            )
        )
    return [Text("Warnings", style="bold"), *lines] if lines else []


def _void_notes(run: Run) -> list[str]:
    """How many trials do not count, why, and whether one arm lost more of them than others."""
    rows = run.trials.to_pylist()
    found = voids([(row["arm"], row["valid"]) for row in rows])
    if not found.total:
        return []
    kinds = Counter(
        reason.partition(":")[0] for row in rows if not row["valid"] for reason in row["reasons"]
    )
    causes = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
    notes = [f"{found.total} of {len(rows)} trials voided: {causes}"]
    if found.chance < _UNEVEN:
        shares = ", ".join(f"{arm} {bad} of {made}" for arm, (bad, made) in found.counts.items())
        notes.append(
            f"Voided unevenly: {shares} (chance: {found.chance:.1%}). The valid trials of the arm "
            "that lost most are those of calmer minutes than the others had, to its advantage."
        )
    return notes
