"""`sandbox -- COMMAND`: runs it beside a PostgreSQL and a Valkey of its own."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from twinbench.engines.process import ProcessEngine
from twinbench.engines.protocol import EngineError
from twinbench.engines.secrets import read_secret

_ARM = "sandbox"
_TOPOLOGY = Path(__file__).with_name("sandbox.compose.yml")
_NOT_FOUND = 127

Command = Annotated[list[str], typer.Argument(help="The command, after `--`.")]


def register(app: typer.Typer) -> None:
    app.command(context_settings={"ignore_unknown_options": True})(sandbox)


def sandbox(command: Command) -> None:
    """Run a command with TEST_DATABASE_URL and TEST_REDIS_URL of servers that end with it."""
    with temporary_servers() as variables:
        raise typer.Exit(_status_of(command, {**_environment(), **variables}))


def _environment() -> dict[str, str]:
    """The caller's, less the import root that our launcher added for ourselves."""
    ours = Path(__file__).parents[2]
    roots = os.environ.get("PYTHONPATH", "").split(":")
    kept = ":".join(root for root in roots if root and Path(root).absolute() != ours)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**environment, "PYTHONPATH": kept} if kept else environment


def _status_of(command: list[str], environment: dict[str, str]) -> int:
    try:
        with subprocess.Popen(command, env=environment) as process:
            # Ctrl-C reaches the command too: it decides when to end, we wait to clean up after it.
            before = signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                status = process.wait()
            finally:
                signal.signal(signal.SIGINT, before)
    except OSError as error:
        print(f"twinbench: cannot run {command[0]}: {error.strerror}")
        return _NOT_FOUND
    return status if status >= 0 else 128 - status


@contextmanager
def temporary_servers() -> Iterator[dict[str, str]]:
    """The variables to hand on. Servers and data are gone afterwards, also if we are killed."""
    try:
        state = Path(tempfile.mkdtemp(prefix="twinbench-sandbox-"))
        state.chmod(0o711)  # root's PostgreSQL runs as another user, who must pass through
    except OSError as error:
        raise EngineError(f"no room for a sandbox: {error.strerror}; set TMPDIR") from error
    engine = ProcessEngine(state=state, topology_file=_TOPOLOGY)
    with engine.temporarily_up([_ARM]):
        password = read_secret(engine.paths.secrets, "cache-password")
        yield {
            "TEST_DATABASE_URL": engine.database_url("sandbox-database", admin=True),
            "TEST_REDIS_URL": f"redis://:{password}@{engine.address('sandbox-cache')}/0",
        }
