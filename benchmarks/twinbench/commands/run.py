"""`run EXPERIMENT`: measures, keeps the results, and shows them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from twinbench.commands.showing import AsJson, show
from twinbench.commands.watching import LineWatcher, SilentWatcher, bar_watcher
from twinbench.engines.process import ProcessEngine
from twinbench.errors import TwinbenchError
from twinbench.experiments.floors import FloorSettings, run_floors
from twinbench.experiments.latency import LatencySettings, run_latency
from twinbench.experiments.profiles import LATENCY_PROFILES, LatencyProfile
from twinbench.experiments.watcher import Watcher
from twinbench.paths import CHECKOUT
from twinbench.results.store import Run

EXPERIMENTS: Final = ("latency", "floors")

Experiment = Annotated[str, typer.Argument(help=f"Which: {', '.join(EXPERIMENTS)}.")]
Profile = Annotated[str, typer.Option(help=f"How thorough: {', '.join(LATENCY_PROFILES)}.")]
Rates = Annotated[
    list[float] | None, typer.Option("--rate", help="Journeys per second; repeatable.")
]
Seed = Annotated[int, typer.Option(min=0, help="Of arrivals, journeys and the order of trials.")]
Out = Annotated[Path, typer.Option(help="Where the run's folder goes.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    experiment: Experiment,
    *,
    profile: Profile = "quick",
    rate: Rates = None,
    seed: Seed = 1,
    out: Out = CHECKOUT / "results",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure both arms side by side, in the same minutes on the same cores."""
    if experiment not in EXPERIMENTS:
        raise TwinbenchError(
            f"unknown experiment {experiment!r}: choose from {', '.join(EXPERIMENTS)}"
        )
    chosen = _profile(profile, rate)
    _require_writable(out)
    with _watcher(quiet) as watcher:
        try:
            if experiment == "floors":
                settings = FloorSettings(seed=seed, out=out)
                folder = run_floors(ProcessEngine(), settings, watcher)
            else:
                latency = LatencySettings(profile=chosen, seed=seed, out=out)
                folder = run_latency(ProcessEngine(), latency, watcher)
        except OSError as error:
            raise TwinbenchError(f"cannot measure: {error}") from error
    show(Run.open(folder), as_json=as_json)


def _profile(name: str, rates: list[float] | None) -> LatencyProfile:
    if name not in LATENCY_PROFILES:
        raise TwinbenchError(f"unknown profile {name!r}: choose from {', '.join(LATENCY_PROFILES)}")
    if any(rate <= 0 for rate in rates or ()):
        raise TwinbenchError("a rate must be above 0 journeys per second")
    chosen = LATENCY_PROFILES[name]
    return replace(chosen, rates=tuple(sorted(set(rates)))) if rates else chosen


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
