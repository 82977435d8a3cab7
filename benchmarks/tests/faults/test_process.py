"""The proxy as a process of its own."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest

from twinbench.faults.process import Proxy, ProxyError
from twinbench.faults.proxy import Mode


@pytest.fixture
def upstream() -> Iterator[str]:
    """A server that greets whoever connects."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def greet() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.sendall(b"hello")
                    client.recv(1)

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def greeting(address: str) -> bytes:
    host, _, port = address.partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        try:
            return client.recv(100)
        except ConnectionResetError:
            return b""


def test_ways_fail_one_by_one(upstream: str) -> None:
    with Proxy({"nobody": "127.0.0.1:9", "greeter": upstream}) as proxy:
        address = proxy.address("greeter")
        assert greeting(address) == b"hello"
        assert proxy.bites("greeter") == 0
        proxy.set("greeter", Mode.DOWN)
        assert greeting(address) == b""
        assert proxy.bites("greeter") >= 1
        assert proxy.bites("nobody") == 0
        proxy.set("greeter", Mode.PASSING)
        assert greeting(address) == b"hello"
    with pytest.raises(ConnectionRefusedError):
        greeting(address)


def test_a_proxy_that_has_ended_is_told(upstream: str) -> None:
    with Proxy({"greeter": upstream}) as proxy:
        os.kill(proxy._process.pid, signal.SIGKILL)
        proxy._process.wait()
        with pytest.raises(ProxyError, match="has ended"):
            proxy.set("greeter", Mode.DOWN)


def test_a_proxy_that_cannot_begin_is_told() -> None:
    with pytest.raises(ProxyError), Proxy({"greeter": "nonsense"}):
        pass


def test_it_ends_quietly_with_connections_open(
    upstream: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with Proxy({"greeter": upstream}) as proxy:
        host, _, port = proxy.address("greeter").partition(":")
        client = socket.create_connection((host, int(port)), timeout=10)
        assert client.recv(5) == b"hello"
    with client, suppress(ConnectionResetError):
        assert client.recv(1) == b""
    assert capfd.readouterr().err == ""
