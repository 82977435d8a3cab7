"""`up`, `down`, `status`, `logs`, `doctor`: running the arms without measuring them."""

import sys
import time
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.table import Table

from twinbench import doctor, topology
from twinbench.commands.engines import DEFAULT, EngineOption
from twinbench.commands.progress import watched
from twinbench.engines.choice import engine_called
from twinbench.engines.protocol import ComponentStatus, EngineError

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


def up(arms: Arms = None, size: Size = None, engine: EngineOption = DEFAULT) -> None:
    """Start the arms and wait until they are ready."""
    if size is not None and size not in _SIZES:
        raise EngineError(f"unknown size {size!r}: choose from {', '.join(_SIZES)}")
    chosen = tuple(arms or topology.load().default_arms)
    used = engine_called(engine)
    began = time.monotonic()
    with watched(Console(stderr=True)) as progress:
        used.up(chosen, size=size, progress=progress)
    addresses = [f"{arm} {used.gateway(arm)}/api/v1" for arm in chosen]
    print(f"ready in {time.monotonic() - began:.1f} s: {', '.join(addresses)}")


def down(engine: EngineOption = DEFAULT) -> None:
    """Stop everything; the data stay."""
    engine_called(engine).down()


def status(as_json: AsJson = False, engine: EngineOption = DEFAULT) -> None:
    """What runs, where, how it is and what it uses."""
    state = engine_called(engine).status()
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
            _megabytes(one.pss_bytes),
            f"{one.cpu_seconds:.2f}",
            str(len(one.exits)),
        )
    for arm in sorted({one.arm for one in components}):
        of_arm = [one for one in components if one.arm == arm]
        known = [one.pss_bytes for one in of_arm if one.pss_bytes is not None]
        memory = _megabytes(sum(known) if len(known) == len(of_arm) else None)
        cpu = sum(one.cpu_seconds for one in of_arm)
        table.add_row(arm, "TOTAL", "", "", "", "", memory, f"{cpu:.2f}", "")
    Console(width=None if sys.stdout.isatty() else 160).print(table)


def _megabytes(size: int | None) -> str:
    return "unknown" if size is None else f"{size / _MEGABYTE:.1f}"


def logs(
    component: str, follow: Follow = False, lines: Lines = 100, engine: EngineOption = DEFAULT
) -> None:
    """What a component has written."""
    used = engine_called(engine)
    if not used.log_files(component):
        raise EngineError(f"{component} has written nothing yet")
    if follow:
        for line in used.follow(component, lines=lines):
            print(line, end="", flush=True)
    else:
        print(used.logs(component, lines=lines))


def diagnose(engine: EngineOption = DEFAULT) -> None:
    """Whether this machine can run and measure the arms, and what it lacks."""
    findings = doctor.examine(engine_called(engine))
    for finding in findings:
        print(f"{finding.verdict.value:<5} {finding.subject}: {finding.explanation}")
    if any(finding.verdict is doctor.Verdict.FAIL for finding in findings):
        raise typer.Exit(2)
