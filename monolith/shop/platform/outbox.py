"""The sending side of events.

An event is a row in the transaction that caused it. After the commit it is sent to the workers,
one task for each of its handlers. What the broker lost, or never got, the sweep sends again.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from kombu.exceptions import OperationalError

from shop.platform.events import handlers_of
from shop.platform.inbox import deliver
from shop.platform.json import rfc3339
from shop.platform.models import InboxEntry, OutboxEvent

logger = logging.getLogger(__name__)

GRACE = timedelta(seconds=2)
MAX_DOUBLINGS = 5
BATCH = 500
RETENTION = timedelta(days=7)
PRUNE_BATCH = 5_000


def publish(kind: str, data: dict[str, Any]) -> None:
    """Part of the caller's transaction. `data` holds JSON values only."""
    now = timezone.now()
    names = handlers_of(kind)
    event = OutboxEvent(
        id=uuid4(),
        type=kind,
        occurred_at=now,
        data=data,
        resend_at=now + GRACE,
        settled_at=None if names else now,
    )
    event.save(force_insert=True)
    transaction.on_commit(partial(_send, [(event, name) for name in names]))


def sweep() -> int:
    """Settle events that every handler has had, send the others again; how many were sent."""
    sent = 0
    while True:
        with transaction.atomic():
            due = list(
                OutboxEvent.objects.select_for_update(skip_locked=True)
                .filter(settled_at__isnull=True, resend_at__lte=timezone.now())
                .order_by("resend_at")[:BATCH]
            )
            missing = _missing(due)
            _settle({event.id for event in due} - {event.id for event, _ in missing})
            _postpone({event.id: event.resends for event, _ in missing})
        _send(missing)
        sent += len(missing)
        if len(due) < BATCH:
            return sent


def prune() -> int:
    """Forget events that were settled long ago, with what says who had them."""
    settled = OutboxEvent.objects.filter(settled_at__lt=timezone.now() - RETENTION)
    with transaction.atomic():
        ids = list(settled.values_list("id", flat=True)[:PRUNE_BATCH])
        InboxEntry.objects.filter(event_id__in=ids).delete()
        OutboxEvent.objects.filter(id__in=ids).delete()
    return len(ids)


def _missing(events: list[OutboxEvent]) -> list[tuple[OutboxEvent, str]]:
    taken = set(
        InboxEntry.objects.filter(event_id__in=[event.id for event in events]).values_list(
            "event_id", "handler"
        )
    )
    return [
        (event, name)
        for event in events
        for name in handlers_of(event.type)
        if (event.id, name) not in taken
    ]


def _settle(ids: Iterable[UUID]) -> None:
    OutboxEvent.objects.filter(id__in=ids).update(settled_at=timezone.now())


def _postpone(resends: dict[UUID, int]) -> None:
    by_delay: dict[datetime, list[UUID]] = {}
    now = timezone.now()
    for event_id, count in resends.items():
        delay = GRACE * 2 ** min(count + 1, MAX_DOUBLINGS)
        by_delay.setdefault(now + delay, []).append(event_id)
    for resend_at, ids in by_delay.items():
        OutboxEvent.objects.filter(id__in=ids).update(resend_at=resend_at, resends=F("resends") + 1)


def _send(deliveries: Iterable[tuple[OutboxEvent, str]]) -> None:
    try:
        for event, name in deliveries:
            deliver.delay(
                {
                    "id": str(event.id),
                    "type": event.type,
                    "occurred_at": rfc3339(event.occurred_at),
                    "data": event.data,
                },
                name,
            )
    except OperationalError as error:
        logger.warning("the broker is unavailable, events wait for the sweep: %s", error)
