"""Shows how far `up` has come: a bar on a terminal, plain lines elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from twinbench.engines.protocol import Phase, Progress

_THERE = frozenset({Phase.READY, Phase.DONE, Phase.UNCHANGED})


@contextmanager
def watched(console: Console) -> Iterator[Callable[[Progress], None]]:
    if not console.is_terminal:
        yield lambda step: console.print(line_of(step), highlight=False, soft_wrap=True)
        return
    columns = (TextColumn("starting"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, TextColumn("{task.description}"), console=console, transient=True) as bar:
        task = bar.add_task("", total=None)
        pending: dict[str, Phase] = {}

        def show(step: Progress) -> None:
            pending.pop(step.component, None)
            if step.phase not in _THERE:
                pending[step.component] = step.phase
            waiting = ", ".join(list(pending)[:3])
            bar.update(task, completed=step.ready, total=step.total, description=waiting)

        yield show


def line_of(step: Progress) -> str:
    """When, how many of how many, and which component is now where."""
    width = len(str(step.total))
    count = f"{step.ready:>{width}}/{step.total}"
    return f"{step.seconds:6.1f} s  {count}  {step.component} {step.phase.value}"
