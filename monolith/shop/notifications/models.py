from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.utils import timezone

from shop.notifications.domain import Kind


class Notification(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    account_id = models.UUIDField()
    kind = models.TextField()
    subject = models.TextField()
    body = models.TextField()
    order_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="notification_kind_known",
                condition=models.Q(kind__in=[kind.value for kind in Kind]),
            ),
            # One of each kind about an order, one welcome for an account.
            models.UniqueConstraint(
                name="notification_once",
                fields=["account_id", "kind", "order_id"],
                nulls_distinct=False,
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="notification_inbox", fields=["account_id", "created_at", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.account_id}"
