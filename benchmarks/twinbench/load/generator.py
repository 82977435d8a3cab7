"""Running the generator process from outside: hand it plans, hear origins, get reports."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import IO, Any, Self

import orjson

from twinbench.errors import TwinbenchError
from twinbench.load.plan import GeneratorReport, LoadPlan


class GeneratorError(TwinbenchError):
    """The generator process ended without a report; the message holds the end of its errors."""


class Generator:
    """One generator process, for as many trials as it is given: loading Locust takes a second.

    A context manager; the process ends with it. Not safe for use by several threads.
    """

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="twinbench-load-"))
            self._folder = Path(folder)
            self._errors = self._folder / "errors.txt"
            stderr = stack.enter_context(self._errors.open("wb"))
            self._process = stack.enter_context(_start(stderr.fileno()))
            stack.callback(self._process.kill)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def play(
        self, plan: LoadPlan, *, started: Callable[[float], None] = lambda _: None
    ) -> GeneratorReport:
        """Play one trial and return how the generator fared.

        `started` is called with the trial's origin (seconds of time.monotonic) when it is known,
        a moment before that instant. Raises GeneratorError.
        """
        path = self._folder / "plan.json"
        plan.write(path)
        try:
            _pipe(self._process.stdin).write(f"{path}\n".encode())
            _pipe(self._process.stdin).flush()
        except BrokenPipeError as error:
            raise self._failure() from error
        started(self._message()["origin"])
        return GeneratorReport(**self._message())

    def _message(self) -> dict[str, Any]:
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise self._failure()
        message: dict[str, Any] = orjson.loads(line)
        return message

    def _failure(self) -> GeneratorError:
        tail = self._errors.read_text("utf-8", "replace").strip().splitlines()[-5:]
        return GeneratorError(f"the load generator failed: {' | '.join(tail)}")


def _start(stderr: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "twinbench.load"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        # Hashes must not differ between processes: nothing may vary but the seed.
        env=environ | {"PYTHONHASHSEED": "0"},
        cwd=Path(__file__).parents[2],
        # Ctrl-C is for the parent to handle; it then ends this process.
        start_new_session=True,
    )


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise GeneratorError("the load generator has no pipe to talk through")
    return stream
