"""`run EXPERIMENT...`: measures, keeps the results, and shows them."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from twinbench.analysis.blocks import stages
from twinbench.analysis.slo import judge, read_slos
from twinbench.commands.asking import Asked, usual_arms
from twinbench.commands.engines import DEFAULT, EngineOfRun
from twinbench.commands.experiments import EXPERIMENTS, Measure, measurement
from twinbench.commands.showing import AsJson, console, shown
from twinbench.commands.slo import exit_unless_kept
from twinbench.commands.watching import (
    LineWatcher,
    SilentWatcher,
    bar_watcher,
    where_time_went,
)
from twinbench.engines.choice import EngineName, engine_called
from twinbench.engines.protocol import Engine
from twinbench.errors import TwinbenchError
from twinbench.experiments.bench import arms_up
from twinbench.experiments.budgets import PARTITIONS
from twinbench.experiments.profiles import LATENCY_PROFILES
from twinbench.experiments.watcher import Watcher
from twinbench.paths import CHECKOUT
from twinbench.report.slo import print_slos
from twinbench.results.document import engine_of
from twinbench.results.store import Run

Experiments = Annotated[
    list[str],
    typer.Argument(help=f"Which, one or more: {', '.join(EXPERIMENTS)}.", metavar="EXPERIMENT..."),
]
Profile = Annotated[
    str | None,
    typer.Option(help=f"How thorough: {', '.join(LATENCY_PROFILES)}. [default: quick]"),
]
Arms = Annotated[
    str | None, typer.Option(help="Which, with commas between. [default: all that there are]")
]
Rates = Annotated[
    list[float] | None, typer.Option("--rate", help="Journeys per second; repeatable.")
]
Precision = Annotated[
    float | None, typer.Option(help="Stop when ratios are known so well, in per cent. [default: 5]")
]
Cpus = Annotated[float | None, typer.Option(help="CPUs for each arm, all its components together.")]
Memory = Annotated[
    str | None, typer.Option(help="Memory for each arm, likewise, such as 900MB or 2GB.")
]
Partition = Annotated[
    str | None,
    typer.Option(help=f"How an arm's parts share it: {', '.join(PARTITIONS)}. [default: shared]"),
]
Seed = Annotated[
    int | None, typer.Option(min=0, help="Of arrivals, journeys and order. [default: 1]")
]
Out = Annotated[Path, typer.Option(help="Where the run's folder goes.")]
Resume = Annotated[
    Path | None, typer.Option(help="Go on with this run, as it was begun.", metavar="RUN")
]
Slo = Annotated[
    Path | None,
    typer.Option(help="Thresholds in TOML; exits 1 if one is breached.", metavar="FILE"),
]
Within = Annotated[
    float | None,
    typer.Option(
        help="Objective of capacity and scaling: p95 of all requests, in ms. [default: 200]",
        metavar="MS",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    experiments: Experiments,
    *,
    profile: Profile = None,
    arms: Arms = None,
    rate: Rates = None,
    precision: Precision = None,
    cpus: Cpus = None,
    memory: Memory = None,
    partition: Partition = None,
    seed: Seed = None,
    within: Within = None,
    out: Out = CHECKOUT / "results",
    resume: Resume = None,
    slo: Slo = None,
    engine: EngineOfRun = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure all arms side by side, in the same minutes on the same cores.

    Several experiments are measured one after the other, each into a folder of its own.
    """
    asked = Asked(profile, arms, rate or None, precision, cpus, memory, partition, seed, within)
    _require_known(experiments)
    if resume is not None and len(experiments) > 1:
        raise TwinbenchError("--resume goes on with one run: name its experiment alone")
    if slo is not None and experiments != ["latency"]:
        raise TwinbenchError("--slo judges runs of latency: leave it out")
    slos = read_slos(slo) if slo is not None else []
    measures = {name: measurement(name, asked, out, resume) for name in experiments}
    _require_writable(out)
    used = engine_called(_engine_for(engine, resume))
    statuses = []
    for finished in runs_of(measures, used, asked, quiet=quiet):
        findings = judge(slos, stages(finished)) if slos else []
        if findings and not as_json:
            print_slos(console(), findings)
        statuses.append(shown(finished, as_json=as_json))
        exit_unless_kept(findings)
    if status := max(statuses):
        raise typer.Exit(status)


def runs_of(
    measures: Mapping[str, Measure], engine: Engine, asked: Asked, *, quiet: bool
) -> Iterator[Run]:
    """One run after the other. Between those that want the same of them, arms stay up: starting
    them takes time."""
    lines = SilentWatcher() if quiet else LineWatcher(Console(stderr=True))
    alike = {name: not EXPERIMENTS[name].own_arms for name in measures}
    with ExitStack() as stack:
        kept = False
        for name, measure in measures.items():
            if kept and not alike[name]:
                stack.close()
            elif alike[name] and not kept and sum(alike.values()) > 1:
                stack.enter_context(arms_up(engine, usual_arms(asked), lines))
            kept = alike[name]
            with _watcher(quiet) as watcher:
                try:
                    folder = measure(engine, watcher)
                except OSError as error:
                    raise TwinbenchError(f"cannot measure: {error}") from error
            finished = Run.open(folder)
            if not quiet:
                print(where_time_went(finished), file=sys.stderr)
            yield finished


def _engine_for(asked: EngineName | None, resume: Path | None) -> EngineName:
    """A run goes on with the engine that it was begun with."""
    if resume is None:
        return asked or DEFAULT
    begun = EngineName(engine_of(resume))
    if asked not in {None, begun}:
        raise TwinbenchError(f"this run was begun with --engine {begun}: leave --engine out")
    return begun


def _require_known(experiments: Sequence[str]) -> None:
    """All of them, before anything is measured; none twice, for its settings would be the same."""
    known = ", ".join(EXPERIMENTS)
    for place, experiment in enumerate(experiments):
        if experiment not in EXPERIMENTS:
            raise TwinbenchError(f"unknown experiment {experiment!r}: choose from {known}")
        if experiment in experiments[:place]:
            raise TwinbenchError(f"{experiment} is named twice")


def _require_writable(out: Path) -> None:
    """Found out now rather than when the arms are up."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise TwinbenchError(
            f"cannot write to {out}: {error.strerror}; choose another folder with --out"
        ) from error


@contextmanager
def _watcher(quiet: bool) -> Iterator[Watcher]:
    console = Console(stderr=True)
    if quiet:
        yield SilentWatcher()
    elif console.is_terminal:
        with bar_watcher(console) as watcher:
            yield watcher
    else:
        yield LineWatcher(console)
