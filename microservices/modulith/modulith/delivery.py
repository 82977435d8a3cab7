"""Events from outboxes to inboxes of the same process, without a broker."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kit import inbox, outbox
from kit.bus import Event
from kit.db import Database
from kit.inbox import Handler, Subscriptions
from kit.loops import Loop

# While a batch is delivered, its rows are locked and a connection of the publisher's is taken.
_BATCH = 50


@dataclass(frozen=True, slots=True)
class _Subscriber:
    database: Database
    handlers: Mapping[str, Handler]

    async def take(self, events: Sequence[Event]) -> dict[str, BaseException]:
        """Applies each event by itself, so that a bad one holds up no other; those that failed."""
        errors: dict[str, BaseException] = {}
        for event in events:
            handler = self.handlers.get(event.type)
            if handler is not None:
                work = self._apply(event, handler)
                [outcome] = await asyncio.gather(work, return_exceptions=True)
                if isinstance(outcome, BaseException):
                    errors[event.id] = outcome
        return errors

    async def _apply(self, event: Event, handler: Handler) -> None:
        async with self.database.transaction() as session:
            await inbox.receive(session, event, handler)


class InProcess:
    """A `Carrier`: each publisher's loop hands events to all subscribers itself.

    An event is marked as sent when every subscriber has committed its effect. One that failed
    anywhere is delivered again to all: their inboxes drop what they had already.
    """

    def __init__(self) -> None:
        self._subscribers: defaultdict[str, list[_Subscriber]] = defaultdict(list)

    def loops(
        self,
        service: str,
        database: Database,
        *,
        publishes: bool,
        subscriptions: Subscriptions | None,
    ) -> list[Loop]:
        for publisher, handlers in (subscriptions or {}).items():
            self._subscribers[publisher].append(_Subscriber(database, handlers))
        loops: list[Loop] = []
        if publishes:
            step = partial(self._deliver, database, self._subscribers[service])
            name = f"delivery from {service}"
            loops.append(Loop(name, step, outbox.CHECK_EVERY, database.published))
            loops.append(_pruning(f"outbox of {service}", partial(outbox.prune, database)))
        if subscriptions:
            loops.append(_pruning(f"inbox of {service}", partial(inbox.prune, database)))
        return loops

    async def _deliver(self, database: Database, subscribers: Sequence[_Subscriber]) -> None:
        await asyncio.sleep(outbox.GATHER)
        while await _batch(database, subscribers) == _BATCH:
            pass


async def _batch(database: Database, subscribers: Sequence[_Subscriber]) -> int:
    """How many events were waiting. Raises what subscribers raised, once the others are told."""
    async with database.transaction() as session:
        rows = await outbox.pending(session, batch=_BATCH)
        if not rows:
            return 0
        events = [outbox.event_of(row) for row in rows]
        failed = await asyncio.gather(*(subscriber.take(events) for subscriber in subscribers))
        owed = {event_id for errors in failed for event_id in errors}
        await outbox.mark_sent(session, [row for row in rows if str(row.id) not in owed])
    if owed:
        errors = [error for found in failed for error in found.values()]
        raise BaseExceptionGroup(f"{len(owed)} of {len(rows)} events failed", errors)
    return len(rows)


def _pruning(name: str, step: Callable[[], Awaitable[None]]) -> Loop:
    return Loop(f"pruning of the {name}", step, outbox.PRUNE_EVERY)
