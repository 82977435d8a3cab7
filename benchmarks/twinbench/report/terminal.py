"""The comparison as tables for the terminal, in words for someone who sees it first."""

from collections import Counter
from itertools import groupby

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from twinbench.analysis.comparison import Comparison, Row
from twinbench.analysis.samples import component_figures, final_trials
from twinbench.report.notes import limiting_notes, reading_notes
from twinbench.report.style import TABLE_STYLE
from twinbench.report.words import amount, finding, interval, megabytes
from twinbench.results.store import Run

_VERDICT_STYLES = {
    "lower": "bold green", "higher": "bold red", "equivalent": "cyan", "inconclusive": "dim",
}  # fmt: skip


def print_comparison(console: Console, run: Run, comparison: Comparison) -> None:
    """Everything a reader needs, top to bottom: figures, memory, how to read them, limits."""
    console.print()
    for rate, rows in groupby(comparison.rows, key=lambda row: row.rate):
        console.print(_latency_table(run, comparison, rate, list(rows)))
        console.print()
    console.print(_component_table(run, comparison))
    console.print()
    console.print(Padding(_notes(run, comparison), (0, 1)))


def _latency_table(run: Run, comparison: Comparison, rate: float, rows: list[Row]) -> Table:
    seconds = run.document["configuration"]["measure_s"]
    table = Table(
        title=f"At {rate:g} journeys per second  "
        f"[dim]({comparison.blocks[rate]} blocks of {seconds:g} s per arm)[/dim]",
        **TABLE_STYLE,
    )
    table.add_column("journey", no_wrap=True)
    table.add_column("wait")
    for arm in comparison.arms:
        table.add_column(arm, justify="right", no_wrap=True)
    table.add_column("ratio", justify="right")
    table.add_column("95 % interval", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    for subject, group in groupby(rows, key=lambda row: row.subject):
        for position, row in enumerate(group):
            table.add_row(subject if not position else "", *_cells(row))
        table.add_section()
    return table


def _cells(row: Row) -> tuple[RenderableType, ...]:
    style = _VERDICT_STYLES.get(row.verdict or "", "yellow")
    return (
        row.measure,
        *(f"{amount(row.typical[arm])} {row.unit}" for arm in (row.first, row.second)),
        amount(row.estimate.ratio),
        interval(row),
        Text(finding(row), style=style),
    )


def _component_table(run: Run, comparison: Comparison) -> Table:
    """Both arms' components, the busiest first, side by side."""
    fastest = max(comparison.blocks)
    trials = [trial.number for trial in final_trials(run) if trial.rate == fastest]
    figures = component_figures(run, trials)
    table = Table(title=f"Each component at {fastest:g} journeys per second", **TABLE_STYLE)
    columns: list[list[tuple[str, str, str]]] = []
    for arm in comparison.arms:
        table.add_column(arm)
        table.add_column("of a core", justify="right")
        table.add_column("memory", justify="right")
        parts = sorted(figures.get(arm, {}).items(), key=lambda item: -item[1][0])
        cells = [
            (name.removeprefix(f"{arm}-"), f"{cores:.1%}", megabytes(pss))
            for name, (cores, pss) in parts
        ]
        cores, pss = (sum(values[index] for _, values in parts) for index in (0, 1))
        columns.append([*cells, ("all together", f"{cores:.1%}", megabytes(pss))])
    height = max(len(column) for column in columns)
    for column in columns:
        column[:-1] += [("", "", "")] * (height - len(column))
    for position, cells_of_row in enumerate(zip(*columns, strict=True), start=1):
        if position == height:
            table.add_section()
        table.add_row(*(cell for cells in cells_of_row for cell in cells))
    return table


def _notes(run: Run, comparison: Comparison) -> Group:
    lines: list[Text] = []
    for heading, notes in (
        ("How to read this", reading_notes(*comparison.arms)),
        ("What this does not show", limiting_notes(run, *comparison.arms)),
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
    if voided := [row["reasons"] for row in run.trials.to_pylist() if not row["valid"]]:
        kinds = Counter(reason.partition(":")[0] for reasons in voided for reason in reasons)
        causes = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
        lines.append(
            Text(f"- {len(voided)} of {run.trials.num_rows} trials voided: {causes}", "yellow")
        )
    if not comparison.sound:
        lines.append(
            Text(
                "- Too few valid trials: the figures above support no verdict. Close other "
                "programs and run again.",
                style="bold red",
            )
        )
    return [Text("Warnings", style="bold"), *lines] if lines else []
