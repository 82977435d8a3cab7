"""Addresses for a project's networks, each a small share of one block that is ours.

Docker gives every network 4,096 or 65,536 addresses, of which it has some thirty such shares: two
stacks side by side, as when parity is tested beside the one that runs, would use them up.
"""

import hashlib
import ipaddress
import socket
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

from twinbench.engines.protocol import EngineError

_SPACE = ipaddress.IPv4Network("10.192.0.0/11")
_BLOCK_PREFIX = 20
_NETWORK_PREFIX = 26
_ROUTES = Path("/proc/net/route")

Network = ipaddress.IPv4Network


def free_block(project: str) -> str:
    """One that no route of this machine leads to, the same for a project while it is free."""
    blocks = list(_SPACE.subnets(new_prefix=_BLOCK_PREFIX))
    first = int(hashlib.sha256(project.encode()).hexdigest(), 16) % len(blocks)
    taken = _routed()
    for block in (*blocks[first:], *blocks[:first]):
        if not any(block.overlaps(route) for route in taken):
            return str(block)
    raise EngineError(f"no addresses are free for networks of containers in {_SPACE}")


def shares(block: str, names: Sequence[str]) -> dict[str, str]:
    """A subnet of the block for each name."""
    subnets = ipaddress.IPv4Network(block).subnets(new_prefix=_NETWORK_PREFIX)
    return {name: str(subnet) for name, subnet in zip(names, subnets, strict=False)}


def _routed() -> Iterable[Network]:
    """Default routes aside, which lead everywhere."""
    rows = [line.split() for line in _ROUTES.read_text().splitlines()[1:]]
    found = [(_address(row[1]), _address(row[7])) for row in rows]
    return [Network((to, mask)) for to, mask in found if mask != "0.0.0.0"]  # noqa: S104 - no mask


def _address(word: str) -> str:
    """The kernel writes addresses as numbers in its own order of bytes."""
    return socket.inet_ntoa(struct.pack("=L", int(word, 16)))
