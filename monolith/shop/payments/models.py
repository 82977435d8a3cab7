from typing import ClassVar

from django.db import models
from django.utils import timezone

from shop.payments.domain import PaymentStatus


class Payment(models.Model):
    order_id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    amount = models.BigIntegerField()
    status = models.CharField(max_length=10, default=PaymentStatus.OPEN.value)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="payment_status_known",
                condition=models.Q(status__in=[status.value for status in PaymentStatus]),
            ),
            models.CheckConstraint(
                name="payment_amount_not_negative", condition=models.Q(amount__gte=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.status}"
