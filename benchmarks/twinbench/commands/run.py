"""`run EXPERIMENT`: measures, keeps the results, and shows them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Final

import orjson
import typer
from rich.console import Console

from twinbench.analysis.comparison import Comparison, compare
from twinbench.commands.watching import LineWatcher, SilentWatcher, bar_watcher
from twinbench.engines.process import ProcessEngine
from twinbench.errors import TwinbenchError
from twinbench.experiments.latency import LatencySettings, run_latency
from twinbench.experiments.profiles import LATENCY_PROFILES
from twinbench.experiments.watcher import Watcher
from twinbench.load.generator import GeneratorError
from twinbench.load.preparation import PreparationError
from twinbench.paths import CHECKOUT
from twinbench.report.figures import draw_comparison
from twinbench.report.terminal import print_comparison
from twinbench.results.store import Run

EXPERIMENTS: Final = ("latency",)
_INVALID_MEASUREMENT = 3
_WIDTH_OF_A_FILE = 120

Experiment = Annotated[str, typer.Argument(help=f"Which: {', '.join(EXPERIMENTS)}.")]
Profile = Annotated[str, typer.Option(help=f"How thorough: {', '.join(LATENCY_PROFILES)}.")]
Rates = Annotated[
    list[float] | None, typer.Option("--rate", help="Journeys per second; repeatable.")
]
Seed = Annotated[int, typer.Option(help="Of arrivals, journeys and the order of trials.")]
Out = Annotated[Path, typer.Option(help="Where the run's folder goes.")]
AsJson = Annotated[bool, typer.Option("--json", help="The comparison for programs, on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def register(app: typer.Typer) -> None:
    app.command()(run)


def run(
    experiment: Experiment,
    profile: Profile = "quick",
    rate: Rates = None,
    seed: Seed = 1,
    out: Out = CHECKOUT / "results",
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure both arms side by side, in the same minutes on the same cores."""
    settings = _settings(experiment, profile, rate, seed, out)
    with _watcher(quiet) as watcher:
        try:
            folder = run_latency(ProcessEngine(), settings, watcher)
        except (GeneratorError, PreparationError) as error:
            raise TwinbenchError(str(error)) from error
        except OSError as error:
            raise TwinbenchError(f"cannot measure: {error}") from error
    measured = Run.open(folder)
    comparison = compare(measured)
    picture = folder / "comparison.png"
    draw_comparison(measured, comparison, [picture, picture.with_suffix(".svg")])
    if as_json:
        print(_as_json(folder, comparison))
    else:
        print_comparison(_console(), measured, comparison)
        print(f"\nresults {_shown(folder)}\npicture {_shown(picture)}")
    if not comparison.sound:
        raise typer.Exit(_INVALID_MEASUREMENT)


def _settings(
    experiment: str, profile: str, rates: list[float] | None, seed: int, out: Path
) -> LatencySettings:
    if experiment not in EXPERIMENTS:
        raise TwinbenchError(
            f"unknown experiment {experiment!r}: choose from {', '.join(EXPERIMENTS)}"
        )
    if profile not in LATENCY_PROFILES:
        raise TwinbenchError(
            f"unknown profile {profile!r}: choose from {', '.join(LATENCY_PROFILES)}"
        )
    if any(one <= 0 for one in rates or ()):
        raise TwinbenchError("a rate must be above 0 journeys per second")
    chosen = LATENCY_PROFILES[profile]
    if rates:
        chosen = replace(chosen, rates=tuple(rates))
    return LatencySettings(profile=chosen, seed=seed, out=out)


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


def _console() -> Console:
    return Console() if sys.stdout.isatty() else Console(width=_WIDTH_OF_A_FILE)


def _shown(path: Path) -> str:
    return str(path.relative_to(CHECKOUT) if path.is_relative_to(CHECKOUT) else path)


def _as_json(folder: Path, comparison: Comparison) -> str:
    document = {"run": str(folder), "comparison": asdict(comparison)}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
