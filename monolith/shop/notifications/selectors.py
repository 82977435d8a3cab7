from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from shop.notifications.models import Notification
from shop.platform.paging import Cursor


class NotificationRow(NamedTuple):
    id: UUID
    kind: str
    subject: str
    body: str
    order_id: UUID | None
    created_at: datetime


def notification_list(
    *, account_id: UUID, limit: int, after: Cursor | None = None
) -> list[NotificationRow]:
    """The newest first; one more than `limit`, if there are more."""
    found = Notification.objects.filter(account_id=account_id)
    if after is not None:
        older: Any = TupleLessThan(Tuple(F("created_at"), F("id")), tuple(after))
        found = found.filter(older)
    rows = found.order_by("-created_at", "-id").values_list(*NotificationRow._fields)
    return [NotificationRow(*row) for row in rows[: limit + 1]]
