"""Servers that let their clients wait, and by how much a call outlives its deadline there."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from kit.db import DATABASE_ERRORS
from kit.errors import Problem

MARGIN = 0.25
"""Seconds by which no call may outlive its deadline."""
_ATTEMPTS = 3
_EVERY = 0.02
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n"

Lapse = tuple[bytes, bytes | None]
"""What an answer begins with at once, and what follows byte by byte; None: the connection ends."""

LAPSES: dict[str, Lapse] = {
    "hang": (b"", b""),
    "dribbled head": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * 1000),
    "dribbled body": (_HEAD, b"x" * 1000),
    "cut": (_HEAD + b"x" * 500, None),
}
"""By name. All but `hang` speak HTTP."""


@asynccontextmanager
async def lapsing(lapse: Lapse) -> AsyncIterator[int]:
    """The port of a server that answers so, whatever it is asked."""
    at_once, slowly = lapse
    over = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):  # the client has gone, as it should
            await reader.read(1)
            writer.write(at_once)
            for byte in slowly or b"":
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(_EVERY)
            if slowly is not None:
                await over.wait()
        writer.transport.abort() if slowly is not None else writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        over.set()
        server.close()


@asynccontextmanager
async def stoppable(host: str, port: int) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A port that leads to a server which, unless the event is set, seems to stand still."""
    moving, tasks = asyncio.Event(), set[asyncio.Task[None]]()
    moving.set()

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while block := await reader.read(65_536):
                await moving.wait()
                writer.write(block)
        writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(host, port)
        for pair in ((reader, back), (there, writer)):
            tasks.add(asyncio.create_task(copy(*pair)))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], moving
    finally:
        moving.set()
        server.close()
        await asyncio.wait(tasks, timeout=1)


async def outlived(call: Callable[[], Awaitable[object]], seconds: float) -> float:
    """By how many seconds a call that fails outlived its deadline: the least of a few, as a busy
    machine may hold up any one of them."""
    least = float("inf")
    for _ in range(_ATTEMPTS):
        began = time.monotonic()
        try:
            await call()
        except (Problem, OSError, *DATABASE_ERRORS):
            least = min(least, time.monotonic() - began - seconds)
        else:
            raise AssertionError("the call succeeded")
        if least <= MARGIN:
            break
    return least
