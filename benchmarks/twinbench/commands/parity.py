"""`parity`: proves that the arms behave alike, by the contract's suites."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile, mkdtemp
from typing import Annotated

import typer

from twinbench import topology
from twinbench.commands.engines import DEFAULT, EngineOption
from twinbench.engines.choice import EngineName, engine_called
from twinbench.errors import TwinbenchError
from twinbench.paths import CHECKOUT

_CONTRACT = CHECKOUT / "contract"
_SUITES = ("conformance", "differential", "schema", "broken")
# These look at each arm by itself, so that all arms can have their turn at once.
_ARM_BY_ARM = frozenset({"conformance", "schema"})

Suites = Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(_SUITES)}; all if none.")]
Arms = Annotated[list[str] | None, typer.Option("--arm", help="Repeat it; the usual if none.")]
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
    if not (_CONTRACT / ".venv/bin/pytest").exists():
        raise TwinbenchError("the contract's test environment is missing: run `make setup-dev`")
    options = [f"--steps={steps}", f"--seed={seed}", f"--cases={cases}"]
    with _running(engine, tuple(arm or topology.load().usual_arms)) as addresses:
        # One suite after the other: each has its own idea of what runs beside what.
        failed = [suite for suite in chosen if not _holds(suite, addresses, options)]
    if failed:
        print(f"twinbench: parity does not hold: {', '.join(failed)}", file=sys.stderr)
        raise typer.Exit(1)


@contextmanager
def _running(name: EngineName, arms: Sequence[str]) -> Iterator[dict[str, str]]:
    """The gateways of arms of our own, with fresh data, on free ports; gone afterwards."""
    os.environ.update({f"{arm.upper()}_PORT": "0" for arm in arms})
    # The card processor takes its time only when told to, and then so little that a machine that
    # stands still for half a second does not turn a slow payment into none.
    os.environ.setdefault("ACQUIRER_DELAY_MEDIAN_MS", "0")
    os.environ.setdefault("ACQUIRER_SLOW_SECONDS", "0.6")
    state = Path(mkdtemp(prefix="twinbench-parity-"))
    state.chmod(0o711)  # root's PostgreSQL runs as another user, who must pass through
    engine = engine_called(name, state=state)
    print(f"starting {' and '.join(arms)}, with fresh data", file=sys.stderr)
    with engine.temporarily_up(arms):
        yield {arm: engine.gateway(arm) for arm in arms}


def _holds(suite: str, addresses: Mapping[str, str], options: Sequence[str]) -> bool:
    arms = [f"--arm={name}={address}" for name, address in addresses.items()]
    begin = [str(_CONTRACT / ".venv/bin/python"), "-m", "pytest", "-q", suite, *options]
    if suite in _ARM_BY_ARM and len(arms) > 1:
        print(f"{suite}, {' and '.join(addresses)} at once", file=sys.stderr)
        # The cache of pytest is of no use here, and would be written by all.
        return _all_succeed([[*begin, "-p", "no:cacheprovider", arm] for arm in arms])
    return subprocess.run([*begin, *arms], cwd=_CONTRACT, check=False).returncode == 0


def _all_succeed(commands: Sequence[Sequence[str]]) -> bool:
    """Runs them together and shows what each has written, whole, one after the other."""
    with ExitStack() as stack:
        runs = []
        for command in commands:
            output = stack.enter_context(TemporaryFile())
            runs.append(
                (
                    stack.enter_context(
                        subprocess.Popen(
                            command, cwd=_CONTRACT, stdout=output, stderr=subprocess.STDOUT
                        )
                    ),
                    output,
                )
            )
        for process, output in runs:
            process.wait()
            output.seek(0)
            print(output.read().decode(errors="replace"), flush=True)
    return all(process.returncode == 0 for process, _ in runs)
