"""The receiving side of events: every handler's effect happens once."""

from datetime import datetime
from typing import Any
from uuid import UUID

from celery import shared_task
from django.db import connection, transaction

from shop.platform.events import Event, handler_named


@shared_task(name="shop.platform.inbox.deliver")
def deliver(envelope: dict[str, Any], handler: str) -> None:
    event = Event(
        id=UUID(envelope["id"]),
        type=envelope["type"],
        occurred_at=datetime.fromisoformat(envelope["occurred_at"]),
        data=envelope["data"],
    )
    with transaction.atomic():
        if _take(event.id, handler):
            handler_named(handler)(event)


def _take(event_id: UUID, handler: str) -> bool:
    """False when the handler has had the event; waits for one that is having it now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO platform_inboxentry (event_id, handler) VALUES (%s, %s)"
            " ON CONFLICT DO NOTHING",
            [event_id, handler],
        )
        return bool(cursor.rowcount == 1)
