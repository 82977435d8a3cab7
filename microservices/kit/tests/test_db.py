"""Reads, transactions, and a database that is not there."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import Integer, bindparam, insert, literal, make_url, select, text
from sqlalchemy.exc import DBAPIError

from kit.db import Database
from kit.errors import DependencyUnavailable
from tests.conftest import effects
from tests.sample import Settings


async def test_a_transaction_is_all_or_nothing(database: Database) -> None:
    with suppress(LookupError):
        async with database.transaction() as session:
            await session.execute(insert(effects).values(event_id="x"))
            raise LookupError
    async with database.transaction() as session:
        await session.execute(insert(effects).values(event_id="y"))
    async with database.read() as session:
        assert (await session.execute(select(effects.c.event_id))).scalars().all() == ["y"]


async def test_a_cut_off_transaction_leaves_nothing(database: Database) -> None:
    written = asyncio.Event()

    async def writes() -> None:
        async with database.transaction() as session:
            await session.execute(insert(effects).values(event_id="x"))
            written.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(writes())
    await written.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    assert await database.rows(select(effects)) == []


async def test_a_connection_is_at_rest_after_a_transaction(settings: Settings) -> None:
    database = Database(settings.sqlalchemy_url(), 1)
    level = text("SHOW transaction_isolation")
    for _ in range(2):
        async with database.transaction() as session:
            ids = "SELECT pg_current_xact_id()::text, pg_current_xact_id_if_assigned()::text"
            first, second = (await session.execute(text(ids))).one()
            assert first == second
            assert (await session.execute(level)).scalar_one() == "read committed"
        one = select(literal(1).label("one"), bindparam("two", type_=Integer).label("two"))
        assert await database.row(one, two=2) == (1, 2)
        ids = "SELECT pg_current_xact_id_if_assigned(), now() = statement_timestamp()"
        assert await database.row(text(ids)) == (None, True)
    await database.close()


async def test_reads_open_no_transaction(database: Database) -> None:
    ids = "SELECT pg_current_xact_id_if_assigned(), now() = statement_timestamp()"
    async with database.read() as session:
        await session.execute(text("SELECT 1"))
        assert (await session.execute(text(ids))).one() == (None, True)


async def test_a_pool_recovers_from_lost_connections(database: Database) -> None:
    await database.warm()
    kill = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    async with database.read() as session, database.read() as victim:
        await session.execute(text(kill))
        with pytest.raises(DBAPIError):
            await victim.execute(text("SELECT 1"))
    await database.check()


async def test_readiness_says_when_the_database_is_away(settings: Settings) -> None:
    url = make_url("postgresql+psycopg://nobody@127.0.0.1:9/none")
    database = Database(url, 1)
    with pytest.raises(DependencyUnavailable):
        await database.check()
    await database.close()
