"""The proxy: each `Way` listens on a port of its own and leads to one server, until it is to fail.

It knows no protocol: it passes bytes on, and fails by bytes and connections. In an experiment it is
in the way all the time, the baseline included, so that only its failing differs.
"""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Final, Self

_BLOCK: Final = 65_536

Forward = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


class Mode(StrEnum):
    """down: connections are reset, old and new ones. slow: each block of an answer comes `amount`
    seconds late. cut: of the next block of an answer half comes, and then the connection ends."""

    PASSING = "passing"
    DOWN = "down"
    SLOW = "slow"
    CUT = "cut"


class Way:
    """One port of 127.0.0.1 that leads to `host:port`. `bites` counts what its failing has hit:
    connections for `down`, blocks of answers for the others."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._mode, self._amount = Mode.PASSING, 0.0
        self._open: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.bites = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0, backlog=1024)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        self._mode = Mode.DOWN
        self._reset_all()
        if self._serving:
            await asyncio.wait(self._serving)

    @property
    def port(self) -> int:
        assert self._server is not None  # noqa: S101 -- for the type checker: inside the block
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    def set(self, mode: Mode, amount: float = 0.0) -> None:
        """From now on, for connections that are open too."""
        self._mode, self._amount = mode, amount
        if mode is Mode.DOWN:
            # Of each connection, once: both its ends are in the set.
            self.bites += len(self._open) // 2
            self._reset_all()

    def _reset_all(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._down():
            self.bites += 1
            writer.transport.abort()
            return
        try:
            up_reader, up_writer = await asyncio.open_connection(*self._upstream)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, up_writer}
        self._open |= ends
        try:
            if not self._down():  # it may have gone down while we connected
                await asyncio.gather(
                    _copy(reader, up_writer, _pass_on), _copy(up_reader, writer, self._answer)
                )
        except OSError:
            pass  # either end has gone: so does the other
        finally:
            self._open -= ends
            for end in ends:
                end.transport.abort()

    def _down(self) -> bool:
        return self._mode is Mode.DOWN

    async def _answer(self, block: bytes, writer: asyncio.StreamWriter) -> None:
        if self._mode is Mode.SLOW:
            self.bites += 1
            await asyncio.sleep(self._amount)
        if self._mode is Mode.CUT:
            self.bites += 1
            await _pass_on(block[: len(block) // 2], writer)
            # By an orderly end, as a reset would take back what has been sent.
            writer.close()
            await writer.wait_closed()
            raise ConnectionResetError
        await _pass_on(block, writer)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, on: Forward) -> None:
    """Until there is no more; then the other side is told so."""
    while block := await reader.read(_BLOCK):
        await on(block, writer)
    if writer.can_write_eof():
        writer.write_eof()


async def _pass_on(block: bytes, writer: asyncio.StreamWriter) -> None:
    writer.write(block)
    await writer.drain()
