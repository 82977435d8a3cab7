"""Events leave through a table that is written in the transaction they tell of."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB, UUID, insert

from kit.bus import Bus, Event
from kit.db import AnyRow, Database, Transaction, mark_published, new_metadata
from kit.json import rfc3339
from kit.loops import Loop

_BATCH = 200
_STREAM_LENGTH = 100_000
PRUNE_EVERY = 3600.0
"""Seconds."""
CHECK_EVERY = 1.0
"""Seconds after which a publisher looks for events whose commit it was not told of."""
GATHER = 0.01
"""Commits come in bursts: so many seconds' wait sends them as one batch."""

_PENDING = text(
    "SELECT seq, id, type, occurred_at, data FROM outbox WHERE sent_at IS NULL"
    " ORDER BY seq LIMIT :batch FOR UPDATE SKIP LOCKED"
)
_SENT = text("UPDATE outbox SET sent_at = clock_timestamp() WHERE seq = ANY(:seqs)")
_RESEND_ALL = text("UPDATE outbox SET sent_at = NULL WHERE sent_at > now() - interval '1 day'")
_RESEND_TAIL = text(
    "UPDATE outbox SET sent_at = NULL"
    " WHERE sent_at > (SELECT max(sent_at) FROM outbox) - interval '10 seconds'"
)
_PRUNE = text("DELETE FROM outbox WHERE sent_at < now() - interval '1 day'")


def outbox_table(metadata: MetaData) -> Table:
    """The outbox of the service whose metadata this is."""
    return Table(
        "outbox",
        metadata,
        Column("seq", BigInteger, Identity(always=True), primary_key=True),
        Column("id", UUID(as_uuid=True), nullable=False),
        Column("type", Text, nullable=False),
        Column("occurred_at", DateTime(timezone=True), nullable=False),
        Column("data", JSONB, nullable=False),
        Column("sent_at", DateTime(timezone=True)),
        Index("ix_outbox_pending", "seq", postgresql_where=text("sent_at IS NULL")),
        Index("ix_outbox_sent_at", "sent_at", postgresql_where=text("sent_at IS NOT NULL")),
    )


_PUBLISH = insert(outbox_table(new_metadata()))


async def publish(session: Transaction, event_type: str, data: dict[str, Any]) -> None:
    """Says that something happened, if and only if this transaction commits."""
    values = {
        "id": uuid4(),
        "type": event_type,
        "occurred_at": datetime.now(UTC),
        "data": data,
    }
    await session.execute(_PUBLISH, values)
    mark_published(session)


async def pending(session: Transaction, *, batch: int) -> Sequence[AnyRow]:
    """What waits to be sent, in order; locked, and without what another holds locked."""
    return (await session.execute(_PENDING, {"batch": batch})).all()


async def mark_sent(session: Transaction, rows: Sequence[AnyRow]) -> None:
    await session.execute(_SENT, {"seqs": [row.seq for row in rows]})


async def prune(database: Database) -> None:
    """Forgets what was sent more than a day ago."""
    async with database.transaction() as session:
        await session.execute(_PRUNE)


def event_of(row: AnyRow) -> Event:
    return Event(str(row.id), row.type, rfc3339(row.occurred_at), row.data)


class Relay:
    """Moves the outbox to the service's stream, at least once, in order.

    A key beside the stream holds the run id of the Valkey server that was written to. Where it
    is missing, Valkey was wiped and everything of the last day is sent again; where it differs,
    Valkey was restarted and the last seconds are. The inboxes drop what they had already.
    """

    def __init__(self, database: Database, bus: Bus, service: str) -> None:
        self._database, self._redis = database, bus.redis
        self._stream = bus.stream(service)
        self._marker = f"{self._stream}:server"
        self._checked_at = self._pruned_at = float("-inf")

    def loop(self) -> Loop:
        return Loop(f"relay {self._stream}", self.step, CHECK_EVERY, self._database.published)

    async def step(self) -> None:
        """Sends what is waiting."""
        now = time.monotonic()
        if now - self._checked_at >= CHECK_EVERY:
            await self._check_server()
            self._checked_at = now
        await asyncio.sleep(GATHER)
        while await self._send_batch() == _BATCH:
            pass
        if now - self._pruned_at >= PRUNE_EVERY:
            await prune(self._database)
            self._pruned_at = now

    async def _check_server(self) -> None:
        run_id = str((await self._redis.info("server"))["run_id"]).encode()
        marker = await self._redis.get(self._marker)
        if marker == run_id:
            return
        async with self._database.transaction() as session:
            await session.execute(_RESEND_ALL if marker is None else _RESEND_TAIL)
        await self._redis.set(self._marker, run_id)

    async def _send_batch(self) -> int:
        async with self._database.transaction() as session:
            rows = await pending(session, batch=_BATCH)
            if not rows:
                return 0
            pipeline = self._redis.pipeline(transaction=False)
            for row in rows:
                entry = event_of(row).entry()
                pipeline.xadd(self._stream, entry, maxlen=_STREAM_LENGTH, approximate=True)
            await pipeline.execute()
            await mark_sent(session, rows)
        return len(rows)
