"""The connection against scripted servers: one thread, one exchange after the other."""

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from twinbench.load.http import Answer, BrokenAnswerError, Connection, Origin

OK = b"HTTP/1.1 200 OK\r\nX-Replica: one\r\nContent-Length: 5\r\n\r\nhello"
HANG_UP = b""


@dataclass
class Script:
    """What came, request by request, and over how many connections."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0
    hung_up: threading.Event = field(default_factory=threading.Event)


@contextmanager
def server(*answers: Sequence[bytes]) -> Iterator[Script]:
    """Each request gets the next answer, sent in these pieces; an empty piece hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        script = Script(f"http://127.0.0.1:{listening.getsockname()[1]}")

        def serve() -> None:
            coming = iter(answers)
            pieces = next(coming, None)
            while pieces is not None:
                try:
                    connected, _ = listening.accept()
                except OSError:
                    return  # the test has ended, or has failed, before the script has
                script.connections += 1
                with connected:
                    while pieces is not None and (request := connected.recv(65536)):
                        script.requests.append(request)
                        for piece in pieces:
                            connected.sendall(piece)
                        hang_up, pieces = HANG_UP in pieces, next(coming, None)
                        if hang_up:
                            break
                script.hung_up.set()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield script
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # ends a wait for another connection
            thread.join(10)
        assert not thread.is_alive()


@contextmanager
def connection(script: Script, timeout: float = 30.0) -> Iterator[Connection]:
    opened = Connection(Origin.of(script.url), headers="Accept: */*\r\n", timeout=timeout)
    try:
        yield opened
    finally:
        opened.close()


def test_a_request_says_what_it_must() -> None:
    with server([OK], [OK]) as script, connection(script) as opened:
        opened.send("GET", "/a?b=c", headers="X-One: 1\r\n")
        opened.send("POST", "/d", body=b"{}")
    host = script.url.removeprefix("http://").encode()
    assert script.requests == [
        b"GET /a?b=c HTTP/1.1\r\nHost: " + host + b"\r\nAccept: */*\r\nX-One: 1\r\n\r\n",
        b"POST /d HTTP/1.1\r\nHost: " + host + b"\r\nAccept: */*\r\nContent-Length: 2\r\n\r\n{}",
    ]
    assert script.connections == 1


@pytest.mark.parametrize(
    ("pieces", "content"),
    [
        ([OK], b"hello"),
        ([bytes([byte]) for byte in OK], b"hello"),
        ([b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", OK], b"hello"),
        ([b"HTTP/1.1 204 No Content\r\n\r\n"], b""),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n",
          b"2;x=y\r\nl", b"o\r\n0\r\n\r\n"], b"hello"),
    ],
)  # fmt: skip
def test_answers_of_every_form_leave_the_connection_open(
    pieces: list[bytes], content: bytes
) -> None:
    with server(pieces, [OK]) as script, connection(script) as opened:
        assert opened.send("GET", "/").content == content
        assert opened.send("GET", "/").headers == {"x-replica": "one", "content-length": "5"}
    assert script.connections == 1


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\n\r\nhel", b"lo", HANG_UP],
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello", HANG_UP],
        [b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello", HANG_UP],
        [OK, HANG_UP],
    ],
)
def test_after_an_answer_that_closes_comes_a_new_connection(pieces: list[bytes]) -> None:
    with server(pieces, [OK]) as script, connection(script) as opened:
        assert opened.send("GET", "/").content == b"hello"
        assert script.hung_up.wait(10)
        assert opened.send("GET", "/").content == b"hello"
    assert script.connections == 2


@pytest.mark.parametrize(
    ("pieces", "complaint"),
    [
        ([OK[:30], HANG_UP], "hung up"),
        ([OK[:-2], HANG_UP], "hung up"),
        ([b"SSH-2.0\r\n\r\n", HANG_UP], "answered 'SSH-2.0'"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", HANG_UP], "length is '-1'"),
        (
            [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", HANG_UP],
            "chunk's length is b'zz'",
        ),
    ],
)
def test_half_an_answer_is_none_and_the_next_begins_anew(
    pieces: list[bytes], complaint: str
) -> None:
    with server(pieces, [OK]) as script, connection(script) as opened:
        with pytest.raises(BrokenAnswerError, match=complaint):
            opened.send("GET", "/")
        assert opened.send("GET", "/").status_code == 200


def test_a_server_that_says_nothing_is_given_up() -> None:
    # The answer that comes must come in that time too, however busy the machine is.
    with server([b"HTTP/1.1 200"], [OK]) as script, connection(script, timeout=1.5) as opened:
        with pytest.raises(TimeoutError):
            opened.send("GET", "/")
        assert opened.send("GET", "/").status_code == 200


@pytest.mark.parametrize(
    "url", ["127.0.0.1:80", "ftp://127.0.0.1", "http://127.0.0.1/shop", "http://"]
)
def test_what_is_no_origin_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not of the form"):
        Origin.of(url)


def test_an_origin_knows_its_port() -> None:
    assert Origin.of("http://127.0.0.1/").address == ("127.0.0.1", 80)
    secure = Origin.of("https://127.0.0.1")
    assert (secure.address, secure.tls) == (("127.0.0.1", 443), True)


KEYED = "Idempotency-Key: one\r\n"


@pytest.mark.parametrize(("method", "headers"), [("GET", ""), ("PUT", ""), ("POST", KEYED)])
def test_what_crosses_a_close_is_sent_again_if_it_may_be(method: str, headers: str) -> None:
    with server([OK], [HANG_UP], [OK]) as script, connection(script) as opened:
        opened.send("GET", "/")
        assert opened.send(method, "/", headers=headers).content == b"hello"
    assert script.connections == 2
    assert script.requests[1] == script.requests[2]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_what_may_not_be_done_twice_is_not_sent_again(method: str) -> None:
    with server([OK], [HANG_UP], [OK]) as script, connection(script) as opened:
        opened.send("GET", "/")
        with pytest.raises(OSError, match=r"hung up|reset"):
            opened.send(method, "/")
        opened.send("GET", "/")
    assert len(script.requests) == 3


def test_a_begun_answer_has_no_second_try() -> None:
    with server([OK[:20], HANG_UP], [OK]) as script, connection(script) as opened:
        with pytest.raises(BrokenAnswerError, match="hung up"):
            opened.send("GET", "/")
        assert opened.send("GET", "/").content == b"hello"
    assert len(script.requests) == 2


def test_there_is_no_third_try() -> None:
    with server([HANG_UP], [HANG_UP], [OK]) as script, connection(script) as opened:
        with pytest.raises(OSError, match=r"hung up|reset"):
            opened.send("GET", "/")
        assert opened.send("GET", "/").content == b"hello"
    assert len(script.requests) == 3


@pytest.mark.parametrize(
    ("status", "headers", "refuses"),
    [
        (503, {"retry-after": "1"}, True),
        (429, {"retry-after": "1"}, True),
        (503, {}, False),
        (500, {"retry-after": "1"}, False),
    ],
)
def test_a_refusal_says_when_to_come_again(
    status: int, headers: dict[str, str], refuses: bool
) -> None:
    assert Answer(status, headers, b"").refuses is refuses
