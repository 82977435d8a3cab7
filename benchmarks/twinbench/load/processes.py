"""A generator process from outside: started, spoken to, and ended with its parent."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from os import environ
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import orjson

from twinbench.errors import TwinbenchError


class GeneratorError(TwinbenchError):
    """A generator process ended without a report; the message holds the end of its errors."""


class GeneratorProcess:
    """The `index`-th of `count` processes; a context manager. Its files lie in `folder`."""

    def __init__(self, index: int, count: int, folder: Path) -> None:
        self.requests = folder / f"requests-{index}.parquet"
        self._errors = folder / f"errors-{index}.txt"
        self._arguments = (str(index), str(count))

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stderr = stack.enter_context(self._errors.open("wb"))
            self._process = stack.enter_context(_start(self._arguments, stderr.fileno()))
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

    def tell(self, message: Mapping[str, object]) -> None:
        """Raises GeneratorError if it does not listen any more."""
        pipe = _pipe(self._process.stdin)
        try:
            pipe.write(orjson.dumps(message) + b"\n")
            pipe.flush()
        except BrokenPipeError as error:
            raise self._failure() from error

    def hear(self) -> dict[str, Any]:
        """The next thing it says. Raises GeneratorError if it has ended instead."""
        line = _pipe(self._process.stdout).readline()
        if not line:
            raise self._failure()
        message: dict[str, Any] = orjson.loads(line)
        return message

    def _failure(self) -> GeneratorError:
        tail = self._errors.read_text("utf-8", "replace").strip().splitlines()[-5:]
        return GeneratorError(f"the load generator failed: {' | '.join(tail)}")


def _start(arguments: tuple[str, ...], stderr: int) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "twinbench.load", *arguments],
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
