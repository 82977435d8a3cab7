from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


class OutboxEvent(models.Model):
    """What has happened, written in the transaction that made it happen."""

    id = models.UUIDField(primary_key=True)
    type = models.TextField()
    occurred_at = models.DateTimeField()
    data = models.JSONField()
    # Until every handler has run, the event is sent again at this time, ever less often.
    resend_at = models.DateTimeField()
    resends = models.PositiveIntegerField(default=0)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                name="outboxevent_unsettled",
                fields=["resend_at"],
                condition=models.Q(settled_at__isnull=True),
            ),
            models.Index(name="outboxevent_settled", fields=["settled_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.id}"


class InboxEntry(models.Model):
    """A handler has taken an event: written in the transaction of what it did."""

    pk = models.CompositePrimaryKey("event_id", "handler")
    event_id = models.UUIDField()
    handler = models.TextField()
    processed_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.handler} {self.event_id}"
