"""What calls cost, as tables for the terminal."""

import math
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.attribution import MICROSERVICES, MODULITH
from twinbench.analysis.hops import ALL, AnswerCost, CallCost, Hops
from twinbench.analysis.levels import Level
from twinbench.report.style import TABLE_STYLE
from twinbench.results.store import Run

_HOP = (
    "Hop: the call as its caller saw it, less what the callee took itself; over HTTP in the "
    "microservices, as a direct call in the modulith. Milliseconds; work is the callee's own time, "
    "databases and the acquirer included."
)
_CPU = (
    "CPU per call: what the apps of the microservices use per journey beyond those of the "
    "modulith, by the calls in a journey. Events over a broker and eight processes in place of two "
    "are in it, so it is what a call costs at most."
)
_TOLD = "CPU ms: of the callee's own code as it told, without server, sockets and other tasks."
_ABSENT = (
    "Not seen: work that goes on after an answer (events, recovery), and the way from the gateway."
)
_TRACED = (
    "Tracing costs time of its own: compare these figures with each other, not with a timed run's."
)
_KINDS: Final = {"app": "apps", "database": "databases", "cache": "brokers", "gateway": "gateways"}


def print_hops(console: Console, run: Run, found: Hops) -> None:
    seconds = run.document["configuration"]["measure_s"]
    console.print()
    console.print(
        f"[bold]What a call costs[/bold] at {found.rate:g} journeys per second  "
        f"[dim]({found.blocks} blocks of {seconds:g} s per arm, 95 % intervals)[/dim]"
    )
    for table in (_whole(found), _calls_table(found.calls), _answers_table(found.answers)):
        console.print()
        console.print(table)
    for note in (_HOP, _CPU, _TOLD, _ABSENT, _TRACED):
        console.print(Text(f"- {note}"))
    for warning in _warnings(found):
        console.print(Text(f"- {warning}", style="bold red"))


def _whole(found: Hops) -> Table:
    table = Table(title="A journey on average, in CPU-ms", **TABLE_STYLE)
    table.add_column("arm", no_wrap=True)
    table.add_column("calls", justify="right")
    kinds = [kind for kind in _KINDS if any(kind in own for own in found.cpu.values())]
    for kind in kinds:
        table.add_column(_KINDS[kind], justify="right")
    table.add_column("CPU per call", justify="right", no_wrap=True)
    for arm, own in found.cpu.items():
        cost = found.cpu_per_call if arm == MICROSERVICES else None
        cells = [f"{own[kind].value:.2f}" if kind in own else "-" for kind in kinds]
        per_call = "-" if cost is None else f"{1000 * cost.value:.0f} us ({_span(cost, 1000)})"
        table.add_row(arm, f"{found.calls_per_journey.get(arm, 0.0):.2f}", *cells, per_call)
    return table


def _calls_table(calls: Iterable[CallCost]) -> Table:
    table = Table(title="Calls, by the request that waits for them", **TABLE_STYLE)
    table.add_column("call", overflow="fold")
    table.add_column("arm", no_wrap=True)
    for heading in ("each", "work ms", "CPU ms", "hop p50", "interval", "hop p95"):
        table.add_column(heading, justify="right", no_wrap=True)
    for request, of_request in groupby(calls, key=lambda one: one.request):
        if request != ALL:
            table.add_row(Text(request, style="bold"))
        for operation, own in groupby(of_request, key=lambda one: one.operation):
            for line, one in enumerate(own):
                table.add_row("" if line else _short(operation), *_cells(one))
        table.add_section()
    return table


def _cells(one: CallCost) -> tuple[str, ...]:
    return (
        one.arm,
        f"{one.per_request:.2f}",
        f"{one.own_ms:.2f}",
        f"{one.cpu_ms:.2f}",
        f"{one.p50.value:.2f}",
        _span(one.p50),
        "-" if one.p95 is None else f"{one.p95.value:.2f}",
    )


def _answers_table(answers: Sequence[AnswerCost]) -> Table:
    table = Table(title="Answers, as their applications told of them", **TABLE_STYLE)
    table.add_column("request")
    table.add_column("arm", no_wrap=True)
    for heading in ("took ms", "own CPU ms", "calls", "covered by calls"):
        table.add_column(heading, justify="right")
    for request, own in groupby(answers, key=lambda one: one.request):
        for line, one in enumerate(own):
            table.add_row(
                "" if line else request,
                one.arm,
                f"{one.wall_ms:.2f}",
                f"{one.cpu_ms:.2f}",
                f"{one.calls:.2f}",
                f"{one.covered:.0%}",
            )
        table.add_section()
    return table


def _short(operation: str) -> str:
    """Without method and parameters: `inventory reservations/commit`."""
    service, _, path = operation.partition(" ")
    parts = path.partition(" ")[2].removeprefix("/internal").split("/")
    return f"{service} {'/'.join(part for part in parts if part and not part.startswith('{'))}"


def _span(known: Level, times: float = 1.0) -> str:
    if not math.isfinite(known.high):
        return "one block"
    digits = 0 if times > 1 else 2
    return f"{times * known.low:.{digits}f}-{times * known.high:.{digits}f}"


def _warnings(found: Hops) -> list[str]:
    warnings = []
    if not found.sound:
        warnings.append("Too few valid trials: run again on a quieter machine.")
    if found.cpu_per_call is None:
        warnings.append(f"CPU per call needs {MICROSERVICES} and {MODULITH} in one run.")
    for what, count in (
        ("calls had no answer", sum(one.lost for one in found.answers)),
        ("calls were left out of answers that made too many", sum(o.left for o in found.answers)),
    ):
        if count:
            warnings.append(f"{count} {what}.")
    return warnings
