"""Ports for components: nobody else gets one before its server has it."""

import socket

from twinbench.engines.ports import Ports, hold, is_free


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


def test_what_is_held_is_free_again_with_its_holder() -> None:
    ports = Ports()
    port = ports.free()
    del ports
    holder = hold(port)
    assert holder is not None
    holder.close()
