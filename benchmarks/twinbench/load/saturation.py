"""A closed loop as fast as one core allows: to find what a server can do at most, not how it feels.

Latency under a closed loop says nothing (see the open arrivals for that), so none is reported.
"""

import selectors
import socket
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Self
from urllib.parse import urlsplit

from twinbench.errors import TwinbenchError

_HEADERS_END = b"\r\n\r\n"


class SaturationError(TwinbenchError):
    """The server answered something else than 200, or hung up; the message is one clear line."""


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)


class ClosedLoop:
    """Keeps every connection busy with one request after the other, in a thread of its own.

    A context manager: requests begin on entering and end on leaving. `completed` grows meanwhile.
    """

    def __init__(self, base_url: str, paths: Sequence[str], *, connections: int) -> None:
        address = urlsplit(base_url)
        self._host, self._port = address.hostname or "", address.port or 80
        headers = f"Host: {address.netloc}\r\nAccept: application/json\r\n\r\n"
        self._requests = [f"GET {path} HTTP/1.1\r\n{headers}".encode() for path in paths]
        self._connections = connections
        self._next = count()
        self._stopping = threading.Event()
        self._failure: SaturationError | None = None
        self._thread = threading.Thread(target=self._run, name="closed loop", daemon=True)
        self.completed = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def measure(self, seconds: float) -> tuple[int, float]:
        """Requests completed in the coming `seconds`, and the time that really passed.

        Raises SaturationError when the loop has broken.
        """
        before, began = self.completed, time.monotonic()
        if self._stopping.wait(seconds) and self._failure is not None:
            raise self._failure
        return self.completed - before, time.monotonic() - began

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            try:
                self._loop(selector)
            except (OSError, SaturationError) as error:
                self._failure = SaturationError(f"{self._host}:{self._port}: {error}")
                self._stopping.set()
            finally:
                for key in list(selector.get_map().values()):
                    key.data.socket.close()

    def _loop(self, selector: selectors.BaseSelector) -> None:
        for _ in range(self._connections):
            connected = socket.create_connection((self._host, self._port), timeout=5)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connected, selectors.EVENT_READ, _Connection(connected))
            self._send(connected)
        while not self._stopping.is_set():
            for key, _ in selector.select(timeout=0.1):
                self._receive(key.data)

    def _send(self, connected: socket.socket) -> None:
        connected.sendall(self._requests[next(self._next) % len(self._requests)])

    def _receive(self, connection: _Connection) -> None:
        data = connection.socket.recv(65536)
        if not data:
            raise SaturationError("the server hung up")
        connection.received += data
        if is_complete(connection.received):
            connection.received.clear()
            self.completed += 1
            self._send(connection.socket)


def is_complete(received: bytes | bytearray) -> bool:
    """Whether a whole 200 response with a Content-Length has come. Raises SaturationError."""
    end = received.find(_HEADERS_END)
    if end < 0:
        return False
    head = bytes(received[:end])
    status, _, headers = head.partition(b"\r\n")
    if status.split(b" ", 2)[1] != b"200":
        raise SaturationError(f"answered {status.decode('latin-1')}")
    lowered = headers.lower()
    at = lowered.find(b"content-length:")
    if at < 0:
        raise SaturationError("answered without a Content-Length")
    length = int(lowered[at + 15 :].split(b"\r\n", 1)[0])
    return len(received) - end - len(_HEADERS_END) >= length
