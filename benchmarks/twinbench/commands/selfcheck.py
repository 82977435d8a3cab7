"""`selfcheck [RUN]`: is this tool to be believed, on this machine?"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from twinbench.analysis.blocks import stages
from twinbench.analysis.selfcheck import FEWEST_SETS, Check, check_coverage, check_run
from twinbench.commands.showing import AsJson, Folder, console, last_run, print_json
from twinbench.errors import TwinbenchError
from twinbench.paths import CHECKOUT
from twinbench.report.selfcheck import keep, print_checks
from twinbench.results.provenance import git_revision, versions
from twinbench.results.store import Run

_FAILED: Final = 1
_COVERAGE_SETS: Final = 40_000
_BENCHMARKS: Final = CHECKOUT / "benchmarks"
_TRUTH: Final = "tests/load/test_truth.py"

Sets = Annotated[int, typer.Option(min=FEWEST_SETS, help="Resampled tables, simulated runs.")]
Blocks = Annotated[int, typer.Option(min=2, help="Of a simulated run with a planted effect.")]
Truth = Annotated[bool, typer.Option(help="Try the generator on servers whose truth is known.")]
Seed = Annotated[int, typer.Option(min=0, help="Of all resampling.")]


def register(app: typer.Typer) -> None:
    app.command()(selfcheck)


def selfcheck(  # noqa: PLR0917 -- typer's options
    folder: Folder = None,
    sets: Sets = 1000,
    blocks: Blocks = 8,
    truth: Truth = True,
    seed: Seed = 1,
    as_json: AsJson = False,
) -> None:
    """Check the tool itself on a finished run; exits 1 if a check fails. Reports carry the result.

    A/A on the run's own trials, a planted effect within its own variation, coverage of intervals
    by simulation, and the load generator against servers whose truth is known.
    """
    run = Run.open(folder or last_run(CHECKOUT / "results"))
    if "trials" not in run.tables:
        raise TwinbenchError(f"{run.folder} has no trials to check with: name a run of latency")
    checks = list(_checks(run, sets=sets, blocks=blocks, truth=truth, seed=seed))
    revision, dirty = git_revision(CHECKOUT)
    document = {
        "at": datetime.now(UTC),
        "run": run.folder.name,
        "revision": revision,
        "dirty": dirty,
        "versions": versions(),
        "checks": [asdict(check) for check in checks],
    }
    try:
        path = keep(run.folder.parent, document)
    except OSError as error:
        raise TwinbenchError(f"cannot write beside {run.folder}: {error.strerror}") from error
    if as_json:
        print_json(document)
    else:
        print_checks(console(), checks)
        print(f"\nkept in {path}")
    if any(check.passed is False for check in checks):
        raise typer.Exit(_FAILED)


def _checks(run: Run, *, sets: int, blocks: int, truth: bool, seed: int) -> Iterator[Check]:
    yield from check_run(stages(run), sets=sets, blocks=blocks, seed=seed)
    yield check_coverage(sets=_COVERAGE_SETS)
    if truth:
        yield _generator_truth()


def _generator_truth() -> Check:
    """The generator's truth tests: they start servers of their own and load them for a minute."""
    name, claim = "generator truth", "times and rates of known servers are measured as they are"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--no-header", _TRUTH],
        cwd=_BENCHMARKS,
        capture_output=True,
        text=True,
        check=False,
    )
    if "No module named pytest" in done.stderr:
        return Check(name, claim, "needs the development environment: run `make setup-dev`", None)
    last = done.stdout.strip().splitlines()[-1:] or [done.stderr.strip()[-200:]]
    return Check(name, claim, last[0].strip("= "), done.returncode == 0)
