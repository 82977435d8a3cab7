"""Events arrive through a table that makes their second delivery harmless."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from redis.exceptions import ResponseError
from sqlalchemy import Column, DateTime, Index, MetaData, Table, func, text
from sqlalchemy.dialects.postgresql import UUID, insert

from kit.bus import Bus, Event
from kit.db import Database, Transaction, new_metadata
from kit.json import Json
from kit.loops import Loop

Handler: TypeAlias = Callable[[Transaction, Event], Awaitable[None]]
"""Applies an event in the transaction that also notes it as seen."""
Subscriptions: TypeAlias = Mapping[str, Mapping[str, Handler]]
"""Publishing service -> event type -> handler."""
Entry: TypeAlias = tuple[bytes, dict[bytes, bytes]]

log = logging.getLogger(__name__)

_BATCH = 100
_BLOCK_MS = 1000
_STUCK_MS = 2000
_CLAIM_EVERY = 1.0
_PRUNE_EVERY = 3600.0
_PRUNE = text("DELETE FROM inbox WHERE received_at < now() - interval '7 days'")


def inbox_table(metadata: MetaData) -> Table:
    """The inbox of the service whose metadata this is."""
    return Table(
        "inbox",
        metadata,
        Column("event_id", UUID(as_uuid=False), primary_key=True),
        Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Index("ix_inbox_received_at", "received_at"),
    )


_inbox = inbox_table(new_metadata())
_RECEIVE = insert(_inbox).on_conflict_do_nothing().returning(_inbox.c.event_id)


async def receive(session: Transaction, event: Event, handler: Handler) -> bool:
    """Applies the event unless this database has seen it; whether it was new."""
    new = (await session.execute(_RECEIVE, {"event_id": event.id})).first() is not None
    if new:
        await handler(session, event)
    return new


async def prune(database: Database) -> None:
    """Forgets what was received more than a week ago."""
    async with database.transaction() as session:
        await session.execute(_PRUNE)


class Consumer:
    """Reads the streams a service subscribes to, as one consumer group named after it.

    An entry is acknowledged after its effect is committed. One that was read and not
    acknowledged (a crash, an error) is claimed again after two seconds, by any replica:
    they share the group's one consumer name, and the inbox settles races.
    """

    def __init__(
        self, database: Database, bus: Bus, group: str, subscriptions: Subscriptions
    ) -> None:
        self._database, self._redis, self._group = database, bus.redis, group
        self._handlers = {bus.stream(name): dict(found) for name, found in subscriptions.items()}
        self._claimed_at = self._pruned_at = float("-inf")

    def loop(self) -> Loop:
        # XREADGROUP itself waits for the next event.
        return Loop(f"inbox of {self._group}", self.step, 0)

    async def step(self) -> None:
        """Takes what has arrived, or waits for it up to a second."""
        try:
            await self._claim_stuck()
            streams: dict[Any, Any] = dict.fromkeys(self._handlers, ">")
            read = await self._redis.xreadgroup(
                self._group, self._group, streams, count=_BATCH, block=_BLOCK_MS
            )
        except ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
            await self._create_groups()
            return
        for stream, entries in _by_stream(read):
            await self._take(stream, entries)
        await self._prune()

    async def _claim_stuck(self) -> None:
        if time.monotonic() - self._claimed_at < _CLAIM_EVERY:
            return
        for stream in self._handlers:
            claimed = await self._redis.xautoclaim(
                stream, self._group, self._group, _STUCK_MS, "0-0", count=_BATCH
            )
            await self._take(stream, claimed[1])
        self._claimed_at = time.monotonic()

    async def _create_groups(self) -> None:
        for stream in self._handlers:
            try:
                await self._redis.xgroup_create(stream, self._group, id="0", mkstream=True)
            except ResponseError as error:
                if not str(error).startswith("BUSYGROUP"):
                    raise

    async def _take(self, stream: str, entries: list[Entry]) -> None:
        """Applies each entry by itself, so that a bad one holds up no other."""
        errors: list[BaseException] = []
        for entry_id, fields in entries:
            [outcome] = await asyncio.gather(self._apply(stream, fields), return_exceptions=True)
            if isinstance(outcome, BaseException):
                errors.append(outcome)
            else:
                await self._redis.xack(stream, self._group, entry_id)
        if errors:
            raise BaseExceptionGroup(f"{len(errors)} of {len(entries)} events failed", errors)

    async def _apply(self, stream: str, fields: dict[bytes, bytes]) -> None:
        event = Event.of(fields)
        handler = self._handlers[stream].get(event.type)
        if handler is None:
            return
        async with self._database.transaction() as session:
            await receive(session, event, handler)

    async def _prune(self) -> None:
        if time.monotonic() - self._pruned_at < _PRUNE_EVERY:
            return
        await prune(self._database)
        self._pruned_at = time.monotonic()


def _by_stream(read: Json) -> list[tuple[str, list[Entry]]]:
    """XREADGROUP's answer, which is a map in RESP3, a list in RESP2, None for nothing."""
    if not read:
        return []
    if isinstance(read, dict):
        return [
            (stream.decode(), [entry for batch in batches for entry in batch])
            for stream, batches in read.items()
        ]
    return [(stream.decode(), entries) for stream, entries in read]
