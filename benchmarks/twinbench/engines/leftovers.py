"""Processes that a killed supervisor left, told from strangers by pid and start time."""

import os
import signal
import time
from collections.abc import Iterable

from twinbench.engines.procfs import ProcessRow, ProcessTable, process_row
from twinbench.engines.state import read_json, write_json
from twinbench.paths import StatePaths

_GENTLE_SECONDS = 15.0
_POLL_SECONDS = 0.05


def record(paths: StatePaths, identities: Iterable[tuple[int, int]]) -> None:
    processes = [list(identity) for identity in identities]
    write_json(paths.processes, {"processes": processes}, durable=False)


def forget(paths: StatePaths) -> None:
    paths.processes.unlink(missing_ok=True)


def end_recorded(paths: StatePaths) -> int:
    """Ends what is left of an earlier run; returns how many processes that were."""
    rows = []
    for pid, start_ticks in read_json(paths.processes).get("processes", []):
        row = process_row(pid)
        if row is not None and row.start_ticks == start_ticks and row.state != "Z":
            rows += ProcessTable().family(pid)
    end(rows)
    forget(paths)
    return len(rows)


def end_descendants() -> None:
    """Ends all that this process has as children, grandchildren and so on."""
    end(ProcessTable().descendants(os.getpid()))
    end(ProcessTable().descendants(os.getpid()))


def end(rows: Iterable[ProcessRow]) -> None:
    """They have had their own stop signal from the kernel when their parent died: let them act
    on it, also those that were frozen; then end them."""
    rows = [row for row in rows if row.state != "Z"]
    _send(rows, signal.SIGCONT)
    deadline = time.monotonic() + _GENTLE_SECONDS
    while (rows := _alive(rows)) and time.monotonic() < deadline:
        _reap()
        time.sleep(_POLL_SECONDS)
    _send(rows, signal.SIGKILL)
    while rows := _alive(rows):
        _reap()
        time.sleep(_POLL_SECONDS)


def _alive(rows: Iterable[ProcessRow]) -> list[ProcessRow]:
    now = ((row, process_row(row.pid)) for row in rows)
    return [r for r, n in now if n and n.start_ticks == r.start_ticks and n.state != "Z"]


def _send(rows: Iterable[ProcessRow], number: signal.Signals) -> None:
    for row in rows:
        try:
            os.kill(row.pid, number)
        except ProcessLookupError:
            continue


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass  # none of them is our own child
