"""Ports for components: nobody else gets one before its server has it."""

import socket

import pytest

from twinbench.engines.ports import Ports, hold, is_free
from twinbench.engines.protocol import EngineError


def test_a_port_is_given_once_also_to_two_at_once() -> None:
    one, other = Ports(), Ports()
    given = [ports.free() for _ in range(100) for ports in (one, other)]
    assert len(set(given)) == 200
    assert all(hold(port) is None for port in given)


def test_a_server_gets_the_port_that_is_held_for_it() -> None:
    ports = Ports()
    port = ports.free()
    with socket.create_server(("127.0.0.1", port)):
        assert not is_free(port)
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_published_port_is_its_gateways_from_the_beginning() -> None:
    """Who took it meanwhile would answer in the gateway's place, and the arm be taken for ready."""
    with socket.socket() as chooser:
        chooser.bind(("127.0.0.1", 0))
        port = chooser.getsockname()[1]
    ports = Ports()
    assert ports.published(port, "alpha-gateway") == port
    with pytest.raises(EngineError, match=f"port {port} of alpha-gateway is taken"):
        Ports().published(port, "alpha-gateway")
    with pytest.raises(OSError, match="in use"), socket.create_server(("127.0.0.1", port)):
        pass
    for _ in range(2):  # as Caddy does, once and started anew
        with socket.create_server(("127.0.0.1", port), reuse_port=True):
            pass


def test_what_is_held_is_free_again_with_its_holder() -> None:
    ports = Ports()
    port = ports.free()
    del ports
    holder = hold(port)
    assert holder is not None
    holder.close()
