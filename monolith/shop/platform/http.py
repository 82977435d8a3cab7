"""Calls to others over HTTP that end when they are to end."""

import socket
import time
from typing import Any, Final

from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.response import HTTPResponse

# Of no time at all a socket would not wait, but tell that there is nothing yet.
_LEAST_SECONDS: Final = 0.001


class _Socket(socket.socket):
    """Waits for an answer until `ends` (time.monotonic), in however many pieces it comes."""

    ends = float("inf")

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(max(_LEAST_SECONDS, self.ends - time.monotonic()))
        return super().recv_into(buffer, nbytes, flags)


class _Connection(HTTPConnection):
    def connect(self) -> None:
        super().connect()
        self.sock = _Socket(fileno=self.sock.detach())
        self.sock.settimeout(self.timeout)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3's own
        if isinstance(self.sock, _Socket) and self.timeout is not None:
            self.sock.ends = time.monotonic() + self.timeout
        return super().getresponse()


class BoundedPool(HTTPConnectionPool):
    """Its total timeout holds for a whole answer: urllib3's own begins anew with each piece."""

    ConnectionCls = _Connection
