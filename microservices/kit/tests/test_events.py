"""From a transaction in one service to an effect in another, whatever happens in between."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import insert, select, text

from kit.bus import Bus, Event
from kit.db import Database, Transaction
from kit.inbox import Consumer, Handler
from kit.loops import running
from kit.outbox import Relay, publish
from kit_testing.apps import eventually
from tests.conftest import effects, forget_everything, opened_bus
from tests.sample import Settings


async def note(session: Transaction, event: Event) -> None:
    await session.execute(insert(effects).values(event_id=event.id))


def consumer(database: Database, bus: Bus, handler: Handler = note) -> Consumer:
    return Consumer(database, bus, "reader", {"sample": {"thing.made": handler}})


async def made(database: Database, count: int = 1) -> list[str]:
    """Publishes in transactions of their own; the ids, in order."""
    for number in range(count):
        async with database.transaction() as session:
            await publish(session, "thing.made", {"number": number})
    return await selected(database, "SELECT id FROM outbox ORDER BY seq")


async def selected(database: Database, query: str) -> list[str]:
    async with database.read() as session:
        return [str(row[0]) for row in await session.execute(text(query))]


async def seen(database: Database) -> list[str]:
    async with database.read() as session:
        return [row.event_id for row in await session.execute(select(effects))]


async def streamed(bus: Bus) -> list[Event]:
    entries: Any = await bus.redis.xrange(bus.stream("sample"))
    return [Event.of(fields) for _, fields in entries]


async def test_what_is_published_arrives_once_and_in_order(database: Database, bus: Bus) -> None:
    relay = Relay(database, bus, "sample")
    async with running(relay.loop(), consumer(database, bus).loop()):
        ids = await made(database, 5)
        await eventually(lambda: seen(database), lambda found: len(found) >= 5)
    assert await seen(database) == ids
    [first, *_] = await streamed(bus)
    assert (first.type, first.data, first.occurred_at[-1]) == ("thing.made", {"number": 0}, "Z")


async def test_nothing_is_published_by_a_rollback(database: Database, bus: Bus) -> None:
    with suppress(LookupError):
        async with database.transaction() as session:
            await publish(session, "thing.made", {})
            raise LookupError
    await Relay(database, bus, "sample").step()
    assert await streamed(bus) == []
    assert not database.published.is_set()


async def test_a_commit_wakes_the_relay(database: Database, bus: Bus) -> None:
    relay = Relay(database, bus, "sample")
    await relay.step()
    await made(database)
    assert database.published.is_set()


async def test_two_relays_send_everything_once(
    database: Database, bus: Bus, settings: Settings
) -> None:
    ids = await made(database, 50)
    async with opened_bus(settings) as other:
        await Relay(database, bus, "sample").step()
        await asyncio.gather(
            Relay(database, bus, "sample").step(), Relay(database, other, "sample").step()
        )
    assert [event.id for event in await streamed(bus)] == ids


async def test_a_second_delivery_has_no_effect(database: Database, bus: Bus) -> None:
    ids = await made(database, 2)
    relay, reader = Relay(database, bus, "sample"), consumer(database, bus)
    for _ in range(2):
        await relay.step()
        async with database.transaction() as session:
            await session.execute(text("UPDATE outbox SET sent_at = NULL"))
    async with running(reader.loop()):
        await eventually(lambda: unfinished(bus), lambda left: left == 0)
    assert len(await streamed(bus)) == 4
    assert await seen(database) == ids


async def unfinished(bus: Bus) -> int | None:
    """How many entries the group has yet to read or to acknowledge; None without a group."""
    for group in await bus.redis.xinfo_groups(bus.stream("sample")):
        return None if group["lag"] is None else int(group["lag"]) + int(group["pending"])
    return None


async def test_events_survive_a_wiped_valkey(
    database: Database, bus: Bus, settings: Settings
) -> None:
    relay, reader = Relay(database, bus, "sample"), consumer(database, bus)
    async with running(relay.loop()):
        ids = await made(database, 3)
        await eventually(lambda: streamed(bus), lambda found: len(found) == 3)
        await forget_everything(bus, settings.event_namespace)
        async with running(reader.loop()):
            await eventually(lambda: seen(database), lambda found: len(found) == 3)
            ids = await made(database)
            await eventually(lambda: seen(database), lambda found: len(found) == 4)
            # And again, with a consumer whose group vanishes under it.
            await forget_everything(bus, settings.event_namespace)
            ids = await made(database)
            await eventually(lambda: seen(database), lambda found: len(found) == 5)
    assert await seen(database) == ids


async def test_a_restarted_valkey_is_sent_the_last_seconds_again(
    database: Database, bus: Bus, settings: Settings
) -> None:
    ids = await made(database, 2)
    async with database.transaction() as session:
        await session.execute(
            text(
                "UPDATE outbox SET sent_at = now() - CASE WHEN data->>'number' = '0'"
                " THEN interval '1 minute' ELSE interval '0' END"
            )
        )
    await bus.redis.set(f"{bus.stream('sample')}:server", "an earlier run of the server")
    await Relay(database, bus, "sample").step()
    assert [event.id for event in await streamed(bus)] == ids[1:]


async def test_an_effect_and_its_receipt_are_one(database: Database, bus: Bus) -> None:
    failures = 2

    async def fails_twice(session: Transaction, event: Event) -> None:
        nonlocal failures
        await note(session, event)
        if failures:
            failures -= 1
            raise LookupError("not now")

    ids = await made(database)
    await Relay(database, bus, "sample").step()
    async with running(consumer(database, bus, fails_twice).loop()):
        await eventually(lambda: seen(database), seconds=15)
    assert (await seen(database), failures) == (ids, 0)


async def test_a_bad_event_holds_up_no_other(database: Database, bus: Bus) -> None:
    async def refuses_the_first(session: Transaction, event: Event) -> None:
        if event.data["number"] == 0:
            raise LookupError("never")
        await note(session, event)

    ids = await made(database, 3)
    await Relay(database, bus, "sample").step()
    async with running(consumer(database, bus, refuses_the_first).loop()):
        await eventually(lambda: seen(database), lambda found: len(found) == 2)
    assert await seen(database) == ids[1:]


async def test_what_a_dead_consumer_had_read_is_claimed(database: Database, bus: Bus) -> None:
    ids = await made(database)
    await Relay(database, bus, "sample").step()
    stream = bus.stream("sample")
    await bus.redis.xgroup_create(stream, "reader", id="0")
    assert await bus.redis.xreadgroup("reader", "reader", {stream: ">"})
    async with running(consumer(database, bus).loop()):
        await eventually(lambda: seen(database))
    assert await seen(database) == ids


async def test_events_of_other_kinds_are_passed_over(database: Database, bus: Bus) -> None:
    async with database.transaction() as session:
        await publish(session, "thing.lost", {})
    await Relay(database, bus, "sample").step()
    async with running(consumer(database, bus).loop()):
        await eventually(lambda: unfinished(bus), lambda left: left == 0)
    assert await selected(database, "SELECT event_id FROM inbox") == []


async def test_without_valkey_events_wait(database: Database, settings: Settings) -> None:
    await made(database)
    down = Bus("redis://127.0.0.1:9/0", None, settings.event_namespace)
    with pytest.raises(RedisConnectionError):
        await Relay(database, down, "sample").step()
    await down.close()
    waiting = "SELECT id FROM outbox WHERE sent_at IS NULL"
    assert len(await selected(database, waiting)) == 1
