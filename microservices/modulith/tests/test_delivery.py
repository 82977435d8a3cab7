"""From a transaction of one service to an effect in another, in the same process."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack

import pytest
from kit.bus import Event
from kit.db import Database, Transaction
from kit.inbox import Handler
from kit.loops import Loop, running
from kit.outbox import publish
from kit.settings import DatabaseSettings
from kit_testing.apps import eventually
from kit_testing.servers import fresh_database
from sqlalchemy import make_url, text

from modulith.delivery import InProcess
from modulith.migrate import migrate

TYPE = "order.confirmed"


class Listener:
    """Hears each event once it is committed; fails as often as told."""

    def __init__(self) -> None:
        self.failures = 0
        self.heard: list[str] = []

    async def __call__(self, _: Transaction, event: Event) -> None:
        if self.failures:
            self.failures -= 1
            raise LookupError("as told")
        self.heard.append(event.id)


@pytest.fixture(scope="module")
def urls() -> Iterator[Mapping[str, str]]:
    """Databases apart from those of the running modulith, which would deliver by itself."""
    with ExitStack() as stack:
        found = {}
        for name in ("accounts", "notifications", "recommendations"):
            found[name] = stack.enter_context(fresh_database(f"delivery_{name}"))
            migrate(name, DatabaseSettings(database_url=found[name]))
        yield found


@pytest.fixture
async def publisher(urls: Mapping[str, str]) -> AsyncIterator[Database]:
    async for database in opened(urls["accounts"], "outbox"):
        yield database


@pytest.fixture
async def one(urls: Mapping[str, str]) -> AsyncIterator[Database]:
    async for database in opened(urls["notifications"], "inbox"):
        yield database


@pytest.fixture
async def other(urls: Mapping[str, str]) -> AsyncIterator[Database]:
    async for database in opened(urls["recommendations"], "inbox"):
        yield database


async def opened(url: str, table: str) -> AsyncIterator[Database]:
    database = Database(make_url(url).set(drivername="postgresql+psycopg"), 2)
    await emptied(database, table)
    yield database
    await emptied(database, table)
    await database.close()


async def emptied(database: Database, table: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f"TRUNCATE {table}"))


def loops(
    publisher: Database, listeners: Mapping[str, tuple[Database, Handler]]
) -> tuple[Loop, ...]:
    """One process: a publisher called p, and who listens to it."""
    carrier = InProcess()
    for name, (database, handler) in listeners.items():
        carrier.loops(name, database, publishes=False, subscriptions={"p": {TYPE: handler}})
    found = carrier.loops("p", publisher, publishes=True, subscriptions=None)
    return tuple(found)


async def told(publisher: Database, count: int = 1, *, kind: str = TYPE) -> list[str]:
    for number in range(count):
        async with publisher.transaction() as session:
            await publish(session, kind, {"number": number})
    async with publisher.read() as connection:
        rows = await connection.execute(text("SELECT id FROM outbox ORDER BY seq"))
        return [str(row.id) for row in rows]


async def unsent(publisher: Database) -> int:
    async with publisher.read() as connection:
        found = await connection.scalar(text("SELECT count(*) FROM outbox WHERE sent_at IS NULL"))
    return int(found)


async def nothing_unsent(publisher: Database) -> None:
    await eventually(lambda: unsent(publisher), lambda count: count == 0)


async def test_everybody_hears_everything_once_and_in_order(
    publisher: Database, one: Database, other: Database
) -> None:
    first, second = Listener(), Listener()
    async with running(*loops(publisher, {"one": (one, first), "other": (other, second)})):
        ids = await told(publisher, 120)
        await nothing_unsent(publisher)
    assert first.heard == second.heard == ids


async def test_an_event_that_nobody_awaits_is_done_with(publisher: Database, one: Database) -> None:
    listener = Listener()
    async with running(*loops(publisher, {"one": (one, listener)})):
        await told(publisher, kind="account.created")
        await nothing_unsent(publisher)
    assert listener.heard == []


async def test_a_failure_is_made_good_and_holds_up_nobody_else(
    publisher: Database, one: Database, other: Database
) -> None:
    good, bad = Listener(), Listener()
    bad.failures = 1
    async with running(*loops(publisher, {"one": (one, good), "other": (other, bad)})):
        ids = await told(publisher, 3)
        await nothing_unsent(publisher)
    assert good.heard == ids
    assert sorted(bad.heard) == sorted(ids)


async def test_two_processes_deliver_everything_once(publisher: Database, one: Database) -> None:
    listener = Listener()
    ids = await told(publisher, 100)
    mine, its = (loops(publisher, {"one": (one, listener)}) for _ in range(2))
    async with running(*mine, *its):
        await nothing_unsent(publisher)
    assert sorted(listener.heard) == sorted(ids)


async def test_what_was_cut_off_is_delivered_again_without_effect(
    publisher: Database, one: Database, other: Database
) -> None:
    """One has committed when the process dies: the outbox still says that the event is owed."""
    heard, reached = Listener(), asyncio.Event()

    async def stuck(_session: Transaction, _event: Event) -> None:
        await eventually(lambda: asyncio.sleep(0, heard.heard))
        reached.set()
        await asyncio.Event().wait()

    ids = await told(publisher)
    listeners: dict[str, tuple[Database, Handler]] = {"one": (one, heard), "other": (other, stuck)}
    async with running(*loops(publisher, listeners)):
        await reached.wait()
    assert await unsent(publisher) == 1
    late = Listener()
    async with running(*loops(publisher, {"one": (one, heard), "other": (other, late)})):
        await nothing_unsent(publisher)
    assert heard.heard == late.heard == ids
