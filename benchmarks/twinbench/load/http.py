"""A lean HTTP/1.1 connection on gevent's sockets: what a load generator needs and nothing else.

Locust's own client resolves, parses and re-joins URLs, keeps cookies, follows redirects and builds
header dictionaries anew for each request; that is most of what a request costs it. Here a
connection knows its server, headers are text, and an answer is read in one go. Pipelining,
redirects, cookies, compression and proxies are absent.
"""

import socket as addresses
from collections.abc import Mapping
from dataclasses import dataclass
from select import POLLIN
from typing import Any, Final
from urllib.parse import urlsplit

from gevent import socket, ssl
from gevent.monkey import get_original

_HEAD_END: Final = b"\r\n\r\n"
_BLOCK: Final = 65536
_IDEMPOTENT: Final = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_KEY: Final = "Idempotency-Key:"
_REFUSALS: Final = frozenset({429, 503})
_NO_BODY: Final = frozenset({204, 304})
# The patched one looks for events by way of the hub, which costs more than the whole question.
_poll = get_original("select", "poll")


class BrokenAnswerError(OSError):
    """The server hung up before its answer was complete, or what came is not HTTP/1.1."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A server, resolved once: connecting must not ask a resolver while the clock runs."""

    base_url: str
    host: str
    family: int
    address: tuple[Any, ...]
    tls: bool

    @classmethod
    def of(cls, base_url: str) -> "Origin":
        """Of `scheme://host[:port]`. Raises ValueError for another form, OSError if unknown."""
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
            raise ValueError(f"{base_url!r} is not of the form http://host:port")
        tls = parts.scheme == "https"
        port = parts.port or (443 if tls else 80)
        found = addresses.getaddrinfo(parts.hostname, port, type=addresses.SOCK_STREAM)
        return cls(
            base_url=base_url.rstrip("/"),
            host=parts.netloc.rpartition("@")[2],
            family=found[0][0],
            address=found[0][4],
            tls=tls,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case; a header that came twice has its last value."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def refuses(self) -> bool:
        """Says that nothing more is taken on for now, and when to come again."""
        return self.status_code in _REFUSALS and "retry-after" in self.headers


class Connection:
    """Sends one request at a time; opened when first needed, kept alive, reopened when closed.

    `timeout` in seconds bounds each wait for the server. `send` raises OSError, of which
    BrokenAnswerError and TimeoutError are kinds; the next one then opens anew.

    A server may close a connection while a request is on its way, above all one that reads its
    configuration anew. If not a byte was answered, what can be repeated safely is sent once more on
    a new connection, as HTTP lets clients do (RFC 9110, 9.2.2; RFC 9112, 9.3.1): methods that are
    idempotent, and what has an idempotency key.
    """

    def __init__(self, origin: Origin, *, headers: str, timeout: float) -> None:
        self._origin = origin
        self._head = f" HTTP/1.1\r\nHost: {origin.host}\r\n{headers}"
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._answered = False
        self._stirring = _poll()

    def send(self, method: str, target: str, *, headers: str = "", body: bytes = b"") -> Answer:
        """`headers` are lines that end in CR LF, over and above those of the connection."""
        if body or method in {"POST", "PUT", "PATCH"}:
            headers = f"{headers}Content-Length: {len(body)}\r\n"
        request = f"{method} {target}{self._head}{headers}\r\n".encode("latin-1") + body
        connected, self._answered = self._connected(), False
        try:
            return self._exchange(connected, request, bodiless=method == "HEAD")
        except (ConnectionError, BrokenAnswerError):
            if self._answered or not (method in _IDEMPOTENT or _KEY in headers):
                raise
        return self._exchange(self._connected(), request, bodiless=method == "HEAD")

    def _exchange(self, connected: socket.socket, request: bytes, *, bodiless: bool) -> Answer:
        keep = False
        try:
            sent = connected.send(request)
            if sent < len(request):
                connected.sendall(request[sent:])
            begun = _more(connected)
            self._answered = True
            answer, keep = _read(connected, begun, bodiless=bodiless)
        finally:
            if not keep:
                self.close()
        return answer

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _connected(self) -> socket.socket:
        if self._socket is not None:
            if not self._stirring.poll(0):
                return self._socket
            self.close()  # an idle connection that has something to say has been closed
        self._socket = opened = self._open()
        self._stirring = _poll()
        self._stirring.register(opened.fileno(), POLLIN)
        return opened

    def _open(self) -> socket.socket:
        opened = socket.socket(self._origin.family, addresses.SOCK_STREAM)
        try:
            opened.settimeout(self._timeout)
            opened.setsockopt(addresses.IPPROTO_TCP, addresses.TCP_NODELAY, 1)
            opened.connect(self._origin.address)
            if self._origin.tls:
                context = ssl.create_default_context()
                name = urlsplit(self._origin.base_url).hostname
                opened = context.wrap_socket(opened, server_hostname=name)
        except OSError:
            opened.close()
            raise
        return opened


def _read(connected: socket.socket, data: bytes, *, bodiless: bool) -> tuple[Answer, bool]:
    """The answer of which `data` is the beginning, and whether the connection can be used again.

    By RFC 9112, 6.3 and 9.3.
    """
    while True:
        while (end := data.find(_HEAD_END)) < 0:
            data += _more(connected)
        version, status, headers = _parse_head(data[:end])
        data = data[end + len(_HEAD_END) :]
        if status >= 200:  # noqa: PLR2004 - below are interim answers
            break
    keep = headers.get("connection", "").lower() != "close" and version != "HTTP/1.0"
    if bodiless or status in _NO_BODY:
        return Answer(status, headers, b""), keep and not data
    if "chunked" in headers.get("transfer-encoding", "").lower():
        content, rest = _read_chunks(connected, data)
        return Answer(status, headers, content), keep and not rest
    if "content-length" not in headers:
        return Answer(status, headers, _read_all(connected, data)), False
    length = _content_length(headers["content-length"])
    while len(data) < length:
        data += _more(connected)
    return Answer(status, headers, data[:length]), keep and len(data) == length


def _parse_head(head: bytes) -> tuple[str, int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    version, _, status = first.partition(" ")
    if version not in {"HTTP/1.1", "HTTP/1.0"} or not status[:3].isdigit():
        raise BrokenAnswerError(f"answered {first[:60]!r}")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return version, int(status[:3]), headers


def _content_length(told: str) -> int:
    if not told.isdecimal():
        raise BrokenAnswerError(f"the content length is {told[:20]!r}")
    return int(told)


def _read_chunks(connected: socket.socket, data: bytes) -> tuple[bytes, bytes]:
    """Content of a chunked body of which `data` is the beginning, and what follows it."""
    content = b""
    while True:
        while (end := data.find(b"\r\n")) < 0:
            data += _more(connected)
        try:
            length = int(data[:end].partition(b";")[0], 16)
        except ValueError as error:
            raise BrokenAnswerError(f"a chunk's length is {data[:end][:20]!r}") from error
        complete = end + 2 + length + 2
        while len(data) < complete:
            data += _more(connected)
        content += data[end + 2 : complete - 2]
        data = data[complete:]
        if length == 0:
            return content, data


def _read_all(connected: socket.socket, data: bytes) -> bytes:
    while block := connected.recv(_BLOCK):
        data += block
    return data


def _more(connected: socket.socket) -> bytes:
    block: bytes = connected.recv(_BLOCK)
    if not block:
        raise BrokenAnswerError("the server hung up before its answer was complete")
    return block
