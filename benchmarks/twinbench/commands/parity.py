"""`parity`: proves that the arms behave alike, by the contract's suites."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Annotated

import typer

from twinbench import topology
from twinbench.commands.engines import DEFAULT, EngineOption
from twinbench.engines.choice import EngineName, engine_called
from twinbench.errors import TwinbenchError
from twinbench.paths import CHECKOUT

_CONTRACT = CHECKOUT / "contract"
_SUITES = ("conformance", "differential", "schema", "broken")

Suites = Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(_SUITES)}; all if none.")]
Arms = Annotated[list[str] | None, typer.Option("--arm", help="Repeat it; all if none.")]
Steps = Annotated[int, typer.Option(min=1, help="Requests that the differential run compares.")]
Seed = Annotated[int, typer.Option(help="Where the random histories start.")]
Cases = Annotated[int, typer.Option(min=1, help="Generated cases per operation, for schema.")]


def register(app: typer.Typer) -> None:
    app.command()(parity)


def parity(
    suites: Suites = None,
    arm: Arms = None,
    steps: Steps = 2000,
    seed: Seed = 1,
    cases: Cases = 10,
    *,
    engine: EngineOption = DEFAULT,
) -> None:
    """Drive every arm by the same contract; no difference is tolerated."""
    chosen = tuple(suites or _SUITES)
    for unknown in sorted(set(chosen) - set(_SUITES)):
        raise TwinbenchError(f"unknown suite {unknown!r}: choose from {', '.join(_SUITES)}")
    python = _CONTRACT / ".venv/bin/python"
    if not (python.parent / "pytest").exists():
        raise TwinbenchError("the contract's test environment is missing: run `make setup-dev`")
    options = [f"--steps={steps}", f"--seed={seed}", f"--cases={cases}"]
    with _running(engine, tuple(arm or topology.load().arms)) as addresses:
        arms = [f"--arm={name}={address}" for name, address in addresses.items()]
        # One run per suite: each has its own idea of what runs beside what.
        failed = [
            suite
            for suite in chosen
            if subprocess.run(
                [python, "-m", "pytest", "-q", suite, *arms, *options], cwd=_CONTRACT, check=False
            ).returncode
        ]
    if failed:
        print(f"twinbench: parity does not hold: {', '.join(failed)}", file=sys.stderr)
        raise typer.Exit(1)


@contextmanager
def _running(name: EngineName, arms: Sequence[str]) -> Iterator[dict[str, str]]:
    """The gateways of arms of our own, with fresh data, on free ports; gone afterwards."""
    os.environ.update({f"{arm.upper()}_PORT": "0" for arm in arms})
    state = Path(mkdtemp(prefix="twinbench-parity-"))
    state.chmod(0o711)  # root's PostgreSQL runs as another user, who must pass through
    engine = engine_called(name, state=state)
    print(f"starting {' and '.join(arms)}, with fresh data", file=sys.stderr)
    with engine.temporarily_up(arms):
        yield {arm: engine.gateway(arm) for arm in arms}
