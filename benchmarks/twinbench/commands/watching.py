"""Shows how far a run has come: a bar with the time remaining, plain lines, or nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bar

from twinbench.commands.progress import line_of
from twinbench.engines.protocol import Progress
from twinbench.results.rows import AuditRow, TrialRow
from twinbench.results.store import Run


class SilentWatcher:
    """Says nothing."""

    def component(self, _progress: Progress, /) -> None: ...
    def phase(self, _description: str, /) -> None: ...
    def remaining(self, _seconds: float, /) -> None: ...
    def trial_begins(self, _description: str, _seconds: float, /) -> None: ...
    def trial_ended(self, _row: TrialRow, /) -> None: ...
    def audited(self, _row: AuditRow, /) -> None: ...
    def retry(self, _row: TrialRow, _seconds: float, /) -> None: ...


class LineWatcher:
    """A line per event, for logs."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._remaining = 0.0

    def component(self, progress: Progress, /) -> None:
        if progress.ready == progress.total:
            self._print(line_of(progress))

    def phase(self, description: str, /) -> None:
        self._print(description)

    def remaining(self, seconds: float, /) -> None:
        self._remaining = seconds

    def trial_begins(self, description: str, seconds: float, /) -> None:
        self._print(f"{description} (at most {_clock(self._remaining)} to go)")
        self._remaining -= seconds

    def trial_ended(self, row: TrialRow, /) -> None:
        if not row.valid:
            self._print(f"voided: {'; '.join(row.reasons)}")

    def audited(self, row: AuditRow, /) -> None:
        for finding in row.findings:
            self._print(f"the books of {row.arm} are wrong: {finding}")

    def retry(self, _row: TrialRow, seconds: float, /) -> None:
        self._remaining += seconds

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)


class BarWatcher:
    """One bar, which moves by trials."""

    def __init__(self, bar: Bar, task: TaskID, console: Console) -> None:
        self._bar = bar
        self._task = task
        self._console = console
        self._planned = self._done = 0.0

    def component(self, progress: Progress, /) -> None:
        text = f"starting {progress.component}"
        self._bar.update(
            self._task, description=text, completed=progress.ready, total=progress.total
        )

    def phase(self, description: str, /) -> None:
        self._bar.update(self._task, description=description)

    def remaining(self, seconds: float, /) -> None:
        self._planned = self._done + seconds

    def trial_begins(self, description: str, seconds: float, /) -> None:
        self._bar.update(
            self._task,
            description=description,
            completed=self._done,
            total=self._planned,
            remaining=_clock(self._planned - self._done),
        )
        self._done += seconds

    def trial_ended(self, row: TrialRow, /) -> None:
        self._bar.update(self._task, completed=self._done)
        if not row.valid:
            self._console.print(f"voided: {'; '.join(row.reasons)}", style="yellow", markup=False)

    def audited(self, row: AuditRow, /) -> None:
        for finding in row.findings:
            line = f"the books of {row.arm} are wrong: {finding}"
            self._console.print(line, style="bold red", markup=False)

    def retry(self, _row: TrialRow, seconds: float, /) -> None:
        self._planned += seconds


@contextmanager
def bar_watcher(console: Console) -> Iterator[BarWatcher]:
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[remaining]} at most"))
    with Bar(*columns, TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("", total=None, remaining="?")
        yield BarWatcher(bar, task, console)


_REASONS: Final = {
    "precision": "the ratios are known well enough",
    "time": "the time is spent",
    "blocks": "all blocks are done",
    "searched": "every search is over",
}


def where_time_went(run: Run) -> str:
    """Why the run ended, how long it took, and the share that went neither to measuring nor to
    warming up."""
    outcome = run.document.get("outcome")
    if outcome is None:
        return "measured"
    spent = sorted(outcome["seconds"].items(), key=lambda item: -item[1])
    parts = ", ".join(f"{purpose} {seconds:.0f} s" for purpose, seconds in spent if seconds >= 1)
    total = _clock(sum(outcome["seconds"].values()))
    return (
        f"measured in {total}, as {_REASONS[outcome['stopped_by']]}: {parts}; "
        f"{outcome['outside_share']:.0%} outside measuring and warming"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    return f"{minutes}:{rest:02d}"
