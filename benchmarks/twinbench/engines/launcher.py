"""Finding the supervisor of a state folder, or starting one."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from twinbench.engines.guard import ALREADY_RUNNING
from twinbench.engines.logs import tail_of
from twinbench.engines.protocol import EngineError
from twinbench.engines.state import is_held, is_locked, open_lock, unwritable
from twinbench.paths import CHECKOUT, StatePaths

_START_SECONDS = 45.0
# Every component has its grace, one dependency after another.
_END_SECONDS = 120.0
_POLL_SECONDS = 0.02


def connect(paths: StatePaths) -> socket.socket | None:
    """`None` when no supervisor listens."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(paths.control_socket))
    except OSError:
        connection.close()
        return None
    return connection


def start(paths: StatePaths, topology_file: Path) -> socket.socket:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        status = _spawn_guard(paths, topology_file)
        if status not in {0, ALREADY_RUNNING}:
            break
        # If one is there already, then another `up` has just begun, or an earlier run is still
        # being cleared away.
        while is_locked(paths) and time.monotonic() < deadline:
            connection = connect(paths)
            if connection is not None:
                return connection
            time.sleep(_POLL_SECONDS)
        if status == 0:
            break
    raise EngineError(f"the supervisor did not start{tail_of(paths.supervisor_log)}")


@contextlib.contextmanager
def seeing_the_end(paths: StatePaths) -> Iterator[None]:
    """Waits until the supervisor, which the block ends, has gone with its guard: the lock is
    free then. A temporary one takes the folder with it, so the lock is opened beforehand."""
    lock = open_lock(paths)
    try:
        yield
    finally:
        deadline = time.monotonic() + _END_SECONDS
        while is_held(lock):
            if time.monotonic() > deadline:
                raise EngineError(f"the supervisor does not end; see {paths.supervisor_log}")
            time.sleep(_POLL_SECONDS)
        os.close(lock)


def _spawn_guard(paths: StatePaths, topology_file: Path) -> int:
    """Returns as soon as the guard has detached itself, or given up."""
    arguments = [str(paths.root), str(topology_file)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    try:
        with paths.supervisor_log.open("ab") as log:
            done = subprocess.run(
                [sys.executable, "-m", "twinbench.engines.guard", *arguments],
                cwd=CHECKOUT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                check=False,
            )
            return done.returncode
    except OSError as error:
        raise unwritable(paths.root, error) from error


def revision_of(folder: Path) -> str:
    """The git revision, for components to tell; `unknown` outside a repository."""
    git = shutil.which("git")
    if git is None:
        return "unknown"
    command = [git, "-C", str(folder), "rev-parse", "--short=12", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
