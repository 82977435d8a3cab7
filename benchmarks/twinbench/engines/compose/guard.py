"""Takes down what a call has started when its process ends before it has said that it is done."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from twinbench.engines.protocol import EngineError
from twinbench.paths import CHECKOUT, StatePaths

_DONE = b"done"


@contextmanager
def guarded(paths: StatePaths, file: Path, names: Sequence[str] | None) -> Iterator[None]:
    """While the block runs. `names`: the components that go when it fails; `None`: everything,
    data and state folder included, when it ends in any way."""
    task = json.dumps({"state": str(paths.root), "file": str(file), "names": names})
    paths.compose.mkdir(parents=True, exist_ok=True)
    with (paths.compose / "guard.log").open("ab") as log:
        guard = subprocess.Popen(
            [sys.executable, "-m", "twinbench.engines.compose.guard", task],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            cwd=CHECKOUT,
            start_new_session=True,
        )
    try:
        yield
        if names is not None:
            _say_done(guard)
    finally:
        _end(guard)


def _say_done(guard: "subprocess.Popen[bytes]") -> None:
    with suppress(BrokenPipeError):
        if guard.stdin is not None:
            guard.stdin.write(_DONE)
            guard.stdin.flush()


def _end(guard: "subprocess.Popen[bytes]") -> None:
    if guard.stdin is not None:
        guard.stdin.close()
    guard.wait()
    if guard.returncode != 0:
        raise EngineError("what was started could not be taken down: `docker compose ls` tells")


def main(task: str) -> None:
    from twinbench.engines.compose.stack import Stack  # noqa: PLC0415 - it imports us

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if sys.stdin.buffer.read() == _DONE:
        return
    told = json.loads(task)
    stack = Stack(StatePaths(Path(told["state"])), Path(told["file"]))
    if told["names"] is None:
        stack.erase()
    else:
        stack.abandon(told["names"])


if __name__ == "__main__":
    main(sys.argv[1])
