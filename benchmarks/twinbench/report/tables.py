"""Tables for notebooks and the page, in HTML."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

import pyarrow as pa
from rich.table import Table as TerminalTable
from rich.text import Text

from twinbench.analysis.capacities import Capacity
from twinbench.analysis.comparison import Comparison
from twinbench.report.judged.answer import HOLDS, MISSING, OPEN, REFUTED, Answer
from twinbench.report.provenance import facts
from twinbench.report.selfcheck import kept
from twinbench.report.words import amount, finding, interval, times
from twinbench.results.choosing import SAMPLE
from twinbench.results.store import Run

_MARKS: Final = {HOLDS: "holds", REFUTED: "refuted", OPEN: "open", MISSING: "missing"}
_GATES: Final = (
    ("requests left late, p99", "lag_p99_ms", 1.0, "ms"),
    ("generator's use of its core", "generator_cpu", 100.0, "%"),
    ("time taken by the hypervisor", "steal", 100.0, "%"),
    ("other programs on the arm's cores", "foreign", 100.0, "%"),
)
_PASSED: Final = {True: "holds", False: "fails", None: "open"}


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain text under headings; `classes` are by row, for the page's colours."""

    caption: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    classes: Sequence[str] = ()

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{escape(text)}</th>' for text in self.headings)
        named = [*self.classes, *([""] * (len(self.rows) - len(self.classes)))]
        body = "".join(
            f'<tr class="{name}">{self._cells(row)}</tr>'
            for name, row in zip(named, self.rows, strict=True)
        )
        return (
            f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(self.caption)}">'
            f"<table><caption>{escape(self.caption)}</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    @staticmethod
    def _cells(row: Sequence[str]) -> str:
        first, *others = row
        cells = "".join(f"<td>{escape(text)}</td>" for text in others)
        return f'<th scope="row">{escape(first)}</th>{cells}'


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str

    def _repr_html_(self) -> str:
        return f"<p>{escape(self.text)}</p>"


@dataclass(frozen=True, slots=True)
class Together:
    """One after another."""

    parts: Sequence[Table]

    def _repr_html_(self) -> str:
        return "".join(part._repr_html_() for part in self.parts)


def preview(caption: str, table: pa.Table, *, rows: int) -> Table:
    """The first rows of an Arrow table."""
    first = table.slice(0, rows).to_pylist()
    return Table(caption, table.column_names, [[str(v) for v in row.values()] for row in first])


def as_in_terminal(tables: Iterable[TerminalTable]) -> Together:
    """What the terminal shows, without its colours; groups name themselves in every row."""
    return Together([_of_terminal(one) for one in tables])


def _of_terminal(table: TerminalTable) -> Table:
    rows: list[Sequence[str]] = []
    for cells in zip(*(column.cells for column in table.columns), strict=True):
        first, *others = map(_plain, cells)
        rows.append((first or (rows[-1][0] if rows else ""), *others))
    return Table(_plain(table.title), [_plain(one.header) for one in table.columns], rows)


def _plain(shown: object) -> str:
    return (shown if isinstance(shown, Text) else Text.from_markup(str(shown or ""))).plain


def source(*runs: Run) -> Words:
    """Which runs are shown, and whether they are of this machine."""
    parts = []
    for run in runs:
        sample = run.folder.parent == SAMPLE
        thinned = run.document.get("thinned")
        notes = [
            *(["the sample that comes with Twinbench, not this machine"] if sample else ()),
            *([f"{thinned['share']:.0%} of its journeys kept"] if thinned else ()),
        ]
        parts.append(run.folder.name + (f" ({'; '.join(notes)})" if notes else ""))
    return Words(f"Shown: {', '.join(parts)}.")


def scoreboard(answers: Sequence[Answer]) -> Table:
    """A line per claim: verdict, effect with its interval, cause, one sentence."""
    rows = [
        (one.claim, one.claimed, one.verdict, one.effect, one.cause, one.sentence)
        for one in answers
    ]
    headings = ("claim", "what is claimed", "verdict", "effect", "cause", "in a sentence")
    return Table(
        "The claims, and what was found", headings, rows, [_MARKS[a.verdict] for a in answers]
    )


def ratios(comparison: Comparison, rate: float) -> Table:
    """Every figure at one rate, with what may be said of it."""
    rows = [
        (
            f"{row.subject} {row.measure}".strip(),
            row.second,
            f"{amount(row.typical[row.first])} {row.unit}",
            f"{amount(row.typical[row.second])} {row.unit}",
            times(row.estimate.ratio),
            interval(row),
            finding(row),
        )
        for row in comparison.rows
        if row.rate == rate
    ]
    headings = (
        "figure", "arm", comparison.base, "that arm", "ratio", "95 % interval", "verdict",
    )  # fmt: skip
    caption = f"Each arm against the {comparison.base}, at {rate:g} journeys a second"
    return Table(caption, headings, rows)


def capacities(found: Sequence[Capacity]) -> Table:
    """Every arm's search."""
    rows = [
        (
            one.arm,
            "-" if one.found is None or one.found.capacity is None else f"{one.found.capacity:.3g}",
            "-" if one.found is None or one.found.fails_at is None else f"{one.found.fails_at:.3g}",
            "-" if one.law is None else f"{one.law.lawful:.3g}",
            str(one.trials),
            str(one.voided),
        )
        for one in found
    ]
    headings = ("arm", "serves", "fails at", "the processor allows", "trials", "voided")
    return Table("Capacity, in journeys per second", headings, rows)


def all_provenance(runs: Mapping[str, Run]) -> Together:
    """Where each run comes from."""
    return Together(
        [
            Table(f"The run of {experiment}", ("what", "value"), facts(run))
            for experiment, run in runs.items()
        ]
    )


def all_gates(runs: Mapping[str, Run]) -> Together:
    """What voids a trial, and how near the trials of each run came."""
    timed = [run for run in runs.values() if "trials" in run.tables and run.trials.num_rows]
    return Together([_gates(run) for run in timed])


def _gates(run: Run) -> Table:
    limits: Mapping[str, float] = run.document["configuration"].get("gates", {})
    trials = run.trials.to_pylist()
    rows = [
        (
            words,
            f"{limits[name] * scale:g} {unit}",
            f"{_middle([row[name] for row in trials]) * scale:.2g} {unit}",
            f"{max(row[name] for row in trials) * scale:.2g} {unit}",
        )
        for words, name, scale, unit in _GATES
        if name in limits
    ]
    headings = ("gate", "limit", "median trial", "worst trial")
    caption = f"{run.document['experiment']}: what voids a trial, and how near they came"
    return Table(caption, headings, rows)


def _middle(figures: Sequence[float]) -> float:
    return sorted(figures)[len(figures) // 2]


def selfcheck(runs: Mapping[str, Run]) -> Table | Words:
    """What the tool found out about its own accuracy beside these runs, if it was asked."""
    places = {run.folder.parent for run in runs.values()}
    document = next((found for place in places if (found := kept(place))), None)
    if document is None:
        return Words(
            "This tool's own accuracy was not checked beside these runs: ./twinbench selfcheck "
            "compares an arm with itself and looks for planted effects."
        )
    rows = [
        (check["name"], check["claim"], check["outcome"], _PASSED[check["passed"]])
        for check in document["checks"]
    ]
    return Table(
        f"Self-check of {document['at'][:10]}", ("check", "claim", "found", "result"), rows
    )
