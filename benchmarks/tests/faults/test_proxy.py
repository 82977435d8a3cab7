"""The proxy passes what it should, fails as it is told, counts that, and heals."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from twinbench.faults.proxy import Mode, Way

ANSWER = b"0123456789" * 100


async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers each line with as many bytes as it says, until the client has no more to say."""
    try:
        while line := await reader.readline():
            writer.write(b"x" * int(line) if line.strip().isdigit() else ANSWER)
            await writer.drain()
        writer.write(b"bye")
    except ConnectionError:
        pass  # the proxy has cut it
    finally:
        writer.close()


Client = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Visit:
    """A way, and the connections that were made by it."""

    way: Way
    clients: list[Client] = field(default_factory=list)

    async def client(self) -> Client:
        self.clients.append(await asyncio.open_connection("127.0.0.1", self.way.port))
        return self.clients[-1]


@asynccontextmanager
async def through(port: int | None = None) -> AsyncIterator[Visit]:
    """To a server of the test's own, or to a port where there is none."""
    async with await asyncio.start_server(served, "127.0.0.1", 0) as server:
        own = server.sockets[0].getsockname()[1]
        async with Way("127.0.0.1", port or own) as way:
            visit = Visit(way)
            try:
                yield visit
            finally:
                for _, writer in visit.clients:
                    writer.transport.abort()


async def asked(client: Client, size: int = len(ANSWER)) -> bytes:
    reader, writer = client
    writer.write(b"more\n" if size == len(ANSWER) else f"{size}\n".encode())
    return await asyncio.wait_for(reader.readexactly(size), 10)


async def ended(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read(1) == b""
    except ConnectionError:
        return True


async def check_passing() -> None:
    async with through() as visit:
        first, second = await visit.client(), await visit.client()
        assert await asked(first) == ANSWER
        assert await asked(second) == ANSWER
        assert len(await asked(first, 3_000_000)) == 3_000_000
        first[1].write_eof()
        assert await first[0].read() == b"bye"
        assert await asked(second) == ANSWER
        assert visit.way.bites == 0


async def check_down() -> None:
    async with through() as visit:
        client = await visit.client()
        await asked(client)
        visit.way.set(Mode.DOWN)
        assert visit.way.bites == 1
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await asked(client)
        reader, _ = await visit.client()
        assert await ended(reader)
        assert visit.way.bites == 2
        visit.way.set(Mode.PASSING)
        assert await asked(await visit.client()) == ANSWER
        assert visit.way.bites == 2


async def check_slow() -> None:
    async with through() as visit:
        client = await visit.client()
        visit.way.set(Mode.SLOW, 0.2)
        began = time.monotonic()
        assert await asked(client) == ANSWER
        assert time.monotonic() - began >= 0.2
        assert visit.way.bites >= 1
        visit.way.set(Mode.PASSING)
        seen = visit.way.bites
        assert await asked(client) == ANSWER
        assert visit.way.bites == seen


async def check_cut() -> None:
    async with through() as visit:
        client = await visit.client()
        await asked(client)
        visit.way.set(Mode.CUT)
        client[1].write(b"more\n")
        assert await client[0].read() == ANSWER[: len(ANSWER) // 2]
        assert visit.way.bites == 1
        visit.way.set(Mode.PASSING)
        assert await asked(await visit.client()) == ANSWER


async def check_gone() -> None:
    """A server that is not there is no fault of the proxy's."""
    async with through(port=9) as visit:
        reader, _ = await visit.client()
        assert await ended(reader)
        assert visit.way.bites == 0


@pytest.mark.parametrize("check", [check_passing, check_down, check_slow, check_cut, check_gone])
def test_a_way(check: Callable[[], Coroutine[object, object, None]]) -> None:
    asyncio.run(check())
