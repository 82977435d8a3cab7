"""Where other services are now, told by a file that whoever runs them keeps up to date.

In containers names are DNS's business. Processes side by side on one host have no such names.
"""

import random
import socket
from pathlib import Path

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver


class Directory(AbstractResolver):
    """Reads lines `name address:port`, one for each replica, whenever a connection is opened.

    Callers are thus told of new and of leaving replicas at once, and spread over them. What the
    file does not name is left to DNS.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._dns = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [
            _place(host, address)
            for name, _, address in map(_words, self._file.read_text().splitlines())
            if name == host
        ]
        if not found:
            return await self._dns.resolve(host, port, family)
        random.shuffle(found)
        return found

    async def close(self) -> None:
        await self._dns.close()


def _words(line: str) -> tuple[str, str, str]:
    return line.partition(" ")


def _place(name: str, address: str) -> ResolveResult:
    host, _, port = address.rpartition(":")
    return ResolveResult(
        hostname=name, host=host, port=int(port), family=socket.AF_INET, proto=0, flags=0
    )
