"""`up`, `down`, `status`, `logs`, `doctor`: running the arms without measuring them."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, TextIO

import orjson
import typer
from rich.console import Console
from rich.table import Table

from twinbench import doctor, topology
from twinbench.commands.progress import watched
from twinbench.engines.process import ProcessEngine
from twinbench.engines.protocol import ComponentStatus, EngineError

_FOLLOW_SECONDS = 0.2
_MEGABYTE = 1_000_000
_SIZES = ("small", "medium", "large")

Arms = Annotated[
    list[str] | None, typer.Argument(help="Which arms; the two builds when none is named.")
]
Size = Annotated[str | None, typer.Option(help=f"Dataset: {', '.join(_SIZES)}.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines to begin with.")]


def register(app: typer.Typer) -> None:
    for command in (up, down, status, logs):
        app.command()(command)
    app.command("doctor")(diagnose)


def up(arms: Arms = None, size: Size = None) -> None:
    """Start the arms and wait until they are ready."""
    if size is not None and size not in _SIZES:
        raise EngineError(f"unknown size {size!r}: choose from {', '.join(_SIZES)}")
    chosen = tuple(arms or topology.load().default_arms)
    engine = ProcessEngine()
    began = time.monotonic()
    with watched(Console(stderr=True)) as progress:
        engine.up(chosen, size=size, progress=progress)
    addresses = [f"{arm} {engine.gateway(arm)}/api/v1" for arm in chosen]
    print(f"ready in {time.monotonic() - began:.1f} s: {', '.join(addresses)}")


def down() -> None:
    """Stop everything; the data stay."""
    ProcessEngine().down()


def status(as_json: AsJson = False) -> None:
    """What runs, where, how it is and what it uses."""
    state = ProcessEngine().status()
    if as_json:
        print(orjson.dumps(state, option=orjson.OPT_INDENT_2).decode())
    elif not state.running:
        print("nothing is running")
    else:
        _print_table(state.components)


def _print_table(components: tuple[ComponentStatus, ...]) -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("arm", "component", "health", "address"):
        table.add_column(title, no_wrap=True)
    for title in ("replicas", "pids", "PSS MB", "CPU s", "unasked exits"):
        table.add_column(title, justify="right")
    for one in sorted(components, key=lambda component: component.arm):
        table.add_row(
            one.arm,
            one.name,
            one.health,
            one.address or "",
            str(len(one.replicas)),
            str(sum(len(replica.pids) for replica in one.replicas)),
            f"{one.pss_bytes / _MEGABYTE:.1f}",
            f"{one.cpu_seconds:.2f}",
            str(len(one.exits)),
        )
    for arm in sorted({one.arm for one in components}):
        of_arm = [one for one in components if one.arm == arm]
        memory = sum(one.pss_bytes for one in of_arm) / _MEGABYTE
        cpu = sum(one.cpu_seconds for one in of_arm)
        table.add_row(arm, "TOTAL", "", "", "", "", f"{memory:.1f}", f"{cpu:.2f}", "")
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def logs(component: str, follow: Follow = False, lines: Lines = 100) -> None:
    """What a component has written."""
    engine = ProcessEngine()
    files = engine.log_files(component)
    if not files:
        raise EngineError(f"{component} has written nothing yet")
    if follow:
        for line in _followed(files, lines):
            print(line, end="", flush=True)
    else:
        print(engine.logs(component, lines=lines))


def _followed(files: tuple[Path, ...], lines: int) -> Iterator[str]:
    streams: list[TextIO] = []
    for file in files:
        streams.append(file.open(errors="replace"))
        yield from streams[-1].readlines()[-lines:]
    while True:
        for stream in streams:
            yield from stream
        time.sleep(_FOLLOW_SECONDS)


def diagnose() -> None:
    """Whether this machine can run and measure the arms, and what it lacks."""
    findings = doctor.examine(ProcessEngine())
    for finding in findings:
        print(f"{finding.verdict.value:<5} {finding.subject}: {finding.explanation}")
    if any(finding.verdict is doctor.Verdict.FAIL for finding in findings):
        raise typer.Exit(2)
