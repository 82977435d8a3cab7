"""The proxy from outside: started with its ways, told how to fail, ended with its parent."""

import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import orjson

from twinbench.errors import TwinbenchError
from twinbench.faults.proxy import Mode

_END_S: Final = 5.0


class ProxyError(TwinbenchError):
    """The proxy has ended before its time."""


class Proxy:
    """One process with a way, by name, to each of `upstreams` (`host:port`); a context manager.

    Its process runs on the cores of whoever enters it. Safe for use by several threads.
    """

    def __init__(self, upstreams: Mapping[str, str]) -> None:
        self._upstreams = dict(upstreams)
        self._names = tuple(upstreams)
        self._turn = threading.Lock()
        self._ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "twinbench.faults", *self._upstreams.values()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
            # Ctrl-C is for the parent to handle; it then ends this process.
            start_new_session=True,
        )
        try:
            self._ports = dict(zip(self._names, self._hear(), strict=True))
        except ProxyError:
            self._process.kill()
            self._process.communicate()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._process.communicate(timeout=_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()

    def address(self, way: str) -> str:
        """Where it begins, as `host:port`."""
        return f"127.0.0.1:{self._ports[way]}"

    def set(self, way: str, mode: Mode, amount: float = 0.0) -> int:
        """Let the way fail so, or pass again; returns its bites so far."""
        return self._ask(way, [self._names.index(way), mode, amount])

    def bites(self, way: str) -> int:
        """What the failing of this way has hit so far."""
        return self._ask(way, [])

    def _ask(self, way: str, line: Sequence[object]) -> int:
        with self._turn:
            pipe = self._process.stdin
            try:
                if pipe is not None:
                    pipe.write(orjson.dumps(line) + b"\n")
                    pipe.flush()
            except BrokenPipeError as error:
                raise ProxyError("the fault proxy has ended") from error
            return self._hear()[self._names.index(way)]

    def _hear(self) -> list[int]:
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            raise ProxyError("the fault proxy has ended")
        numbers: list[int] = orjson.loads(line)
        return numbers
