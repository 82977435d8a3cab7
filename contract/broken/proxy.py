"""A reverse proxy in front of an arm, at which one rule can be broken."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import httpx
import orjson

from driver.arms import Arm
from driver.http import API, open_client

_HOP_BY_HOP: Final = {"connection", "content-length", "date", "host", "keep-alive", "server"}
_HOP_BY_HOP_ANSWERS: Final = _HOP_BY_HOP | {"transfer-encoding", "content-encoding"}


@dataclass(slots=True)
class Exchange:
    """One request on its way through; a break may change it or its answer."""

    method: str
    target: str
    headers: dict[str, str]
    content: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0].removeprefix(API)

    def is_call(self, method: str, start: str, end: str = "") -> bool:
        return self.method == method and self.path.startswith(start) and self.path.endswith(end)


@dataclass(slots=True)
class Response:
    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)

    @body.setter
    def body(self, value: Any) -> None:
        self.content = orjson.dumps(value)


Send = Callable[[Exchange], Response]
Break = Callable[[Exchange, Send], Response]


def honest(exchange: Exchange, send: Send) -> Response:
    """Breaks nothing."""
    return send(exchange)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet: two would wait 40 ms for each other's acknowledgement.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True
    broken: Break
    client: httpx.Client

    def _pass(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        headers = {
            name: value for name, value in self.headers.items() if name.lower() not in _HOP_BY_HOP
        }
        exchange = Exchange(self.command, self.path, headers, self.rfile.read(length))
        response = self.broken(exchange, self._send)
        self.send_response_only(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        if response.status != httpx.codes.NO_CONTENT:
            self.send_header("Content-Length", str(len(response.content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.content)

    def _send(self, exchange: Exchange) -> Response:
        answer = self.client.request(
            exchange.method, exchange.target, content=exchange.content, headers=exchange.headers
        )
        headers = {
            name.title(): value
            for name, value in answer.headers.items()
            if name not in _HOP_BY_HOP_ANSWERS
        }
        return Response(answer.status_code, headers, answer.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _pass  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Says nothing."""


@contextmanager
def broken_arm(arm: Arm, broken: Break) -> Iterator[Arm]:
    """The arm behind a proxy that breaks it, on a port of its own."""
    with open_client(arm.url) as client:
        handler = type("Handler", (_Handler,), {"broken": staticmethod(broken), "client": client})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        # How soon it sees that it shall end.
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield Arm(f"broken-{arm.name}", f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
