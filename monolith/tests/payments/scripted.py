"""A card processor that answers as a test tells it, to see how the client copes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson

Reply = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: "Scripted"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.take(self.path, orjson.loads(body), self.client_address)
        reply(self)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""


class Scripted(ThreadingHTTPServer):
    """Replies in the order given; what was asked is in `requests`, from where in `peers`."""

    daemon_threads = True

    def __init__(self, *replies: Reply) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[tuple[str, Any]] = []
        self.peers: set[Any] = set()
        self.released = threading.Event()
        self._replies = iter(replies)
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def take(self, path: str, body: Any, peer: Any) -> Reply:
        with self._lock:
            self.requests.append((path, body))
            self.peers.add(peer)
            return next(self._replies)


@contextmanager
def scripted(*replies: Reply) -> Iterator[Scripted]:
    with Scripted(*replies) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.released.set()
            server.shutdown()
            thread.join()


def answer(status: int, body: Any = None) -> Reply:
    content = body if isinstance(body, bytes) else orjson.dumps(body)

    def reply(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return reply


def hang(handler: Handler) -> None:
    """Say nothing until the test is over."""
    handler.server.released.wait(timeout=10)
    handler.close_connection = True


def hang_up(handler: Handler) -> None:
    handler.close_connection = True


def cut(handler: Handler) -> None:
    """Half an answer, and no more."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"x" * 50)
    handler.close_connection = True


def dribble(handler: Handler) -> None:
    """An answer byte by byte: never silent for long, and never done."""
    _byte_by_byte(handler, b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"x" * 1000)


def dribble_head(handler: Handler) -> None:
    """The same, from the first byte on."""
    _byte_by_byte(handler, b"", b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 1000)


def _byte_by_byte(handler: Handler, head: bytes, rest: bytes) -> None:
    handler.close_connection = True
    with suppress(OSError):  # the client has gone, as it should
        handler.wfile.write(head)
        for byte in rest:
            handler.wfile.write(bytes([byte]))
            if handler.server.released.wait(timeout=0.02):
                return
