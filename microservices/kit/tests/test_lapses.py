"""No call outlives its deadline, whatever the one who is called does instead of answering."""

import asyncio

import pytest
from redis.exceptions import RedisError
from sqlalchemy import make_url, text

from kit.auth import JwksKeys
from kit.bus import Bus
from kit.db import CHECK_SECONDS, WAIT_SECONDS, Database
from kit.errors import DependencyUnavailable
from kit.http import HttpPool, ServiceClient
from kit_testing.apps import eventually
from kit_testing.lapses import LAPSES, MARGIN, lapsing, outlived, stoppable
from kit_testing.tokens import SERVICE_SECRET
from tests.sample import Settings

SECONDS = 0.2
ONE = text("SELECT 1")


@pytest.mark.parametrize("lapse", LAPSES)
async def test_a_call_to_a_service(lapse: str) -> None:
    async with lapsing(LAPSES[lapse]) as port:
        pool = HttpPool()
        await pool.start()
        client = ServiceClient(
            pool, base_url=f"http://127.0.0.1:{port}", caller="a", callee="b", secret=SERVICE_SECRET
        )
        assert await outlived(lambda: client.get("/x", timeout=SECONDS), SECONDS) <= MARGIN
        await pool.close()


@pytest.mark.parametrize("lapse", LAPSES)
async def test_keys_are_waited_for_once_however_many_ask(lapse: str) -> None:
    async with lapsing(LAPSES[lapse]) as port:
        pool = HttpPool()
        await pool.start()

        async def ask() -> None:
            keys = JwksKeys(pool, f"http://127.0.0.1:{port}/", seconds=SECONDS)
            asked = await asyncio.gather(*(keys.key("a") for _ in range(5)), return_exceptions=True)
            assert [type(one) for one in asked] == [DependencyUnavailable] * 5
            raise DependencyUnavailable

        assert await outlived(ask, SECONDS) <= MARGIN
        await pool.close()


async def test_a_question_to_the_broker(settings: Settings) -> None:
    async with lapsing(LAPSES["hang"]) as port:

        async def ask() -> None:
            bus = Bus(f"redis://127.0.0.1:{port}/0", None, "x", answer_seconds=SECONDS)
            try:
                await bus.redis.ping()
            except RedisError as error:
                raise DependencyUnavailable from error
            finally:
                await bus.close()

        assert await outlived(ask, SECONDS) <= MARGIN


async def test_a_database_that_lets_nobody_in() -> None:
    async with lapsing(LAPSES["hang"]) as port:
        url = make_url(f"postgresql+psycopg://nobody@127.0.0.1:{port}/none?sslmode=disable")
        database = Database(url, 1)
        asking = outlived(lambda: database.rows(ONE), WAIT_SECONDS)
        reading = asyncio.create_task(asking)
        assert await outlived(database.check, CHECK_SECONDS) <= MARGIN
        assert await reading <= MARGIN
        await database.close()


async def test_a_database_that_stands_still(settings: Settings) -> None:
    """It has let us in, and then says no more: not even to the wish to end a query."""
    url = settings.sqlalchemy_url()
    async with stoppable(url.host or "", url.port or 5432) as (port, moving):
        database = Database(url.set(host="127.0.0.1", port=port), 1)
        await database.check()
        moving.clear()
        assert await outlived(database.check, CHECK_SECONDS) <= MARGIN
        moving.set()
        await eventually(lambda: ready(database))
        await database.close()


async def ready(database: Database) -> bool:
    try:
        await database.check()
    except DependencyUnavailable:
        return False
    return True
