from typing import ClassVar

from django.db import models
from django.utils import timezone

from shop.orders.domain import OrderStatus, Rejection


class Order(models.Model):
    id = models.UUIDField(primary_key=True)
    account_id = models.UUIDField()
    status = models.CharField(max_length=10, default=OrderStatus.PENDING.value)
    rejection = models.CharField(max_length=20, null=True)
    total_amount = models.BigIntegerField()
    # The cart this order was made of: it is emptied only while it is still the same.
    cart_version = models.BigIntegerField()
    shipping_name = models.CharField(max_length=100)
    shipping_street = models.CharField(max_length=200)
    shipping_city = models.CharField(max_length=100)
    shipping_postal_code = models.CharField(max_length=20)
    shipping_country = models.CharField(max_length=2)
    # Rejected or cancelled, and the acquirer may still hold money for it.
    refund_pending = models.BooleanField(default=False)
    # Until then somebody is at work on it; later, recovery takes over. Null: nothing is left to do.
    lease_expires_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="order_status_known",
                condition=models.Q(status__in=[status.value for status in OrderStatus]),
            ),
            models.CheckConstraint(
                name="order_rejected_for_a_reason",
                condition=models.Q(
                    status=OrderStatus.REJECTED.value,
                    rejection__in=[rejection.value for rejection in Rejection],
                )
                | (~models.Q(status=OrderStatus.REJECTED.value) & models.Q(rejection=None)),
            ),
            models.CheckConstraint(
                name="order_unsettled_has_lease",
                condition=models.Q(lease_expires_at__isnull=False)
                | (~models.Q(status=OrderStatus.PENDING.value) & models.Q(refund_pending=False)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["account_id", "-created_at", "-id"], name="order_by_account"),
            models.Index(
                fields=["lease_expires_at"],
                name="order_unsettled",
                condition=models.Q(lease_expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.id}: {self.status}"


class OrderLine(models.Model):
    pk = models.CompositePrimaryKey("order_id", "product_id")
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_index=False)
    product_id = models.BigIntegerField()
    name = models.CharField(max_length=200)
    unit_price_amount = models.BigIntegerField()
    quantity = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"


class IdempotencyKey(models.Model):
    """A request to place an order, and its final answer once there is one."""

    pk = models.CompositePrimaryKey("account_id", "key")
    account_id = models.UUIDField()
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    # Minted with the claim: a key can never stand for two orders.
    order_id = models.UUIDField(unique=True)
    answer_status = models.PositiveSmallIntegerField(null=True)
    answer_body = models.BinaryField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.account_id} {self.key}"
