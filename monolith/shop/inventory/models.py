from typing import ClassVar

from django.db import models
from django.utils import timezone

from shop.inventory.domain import ReservationStatus


class Stock(models.Model):
    product_id = models.BigIntegerField(primary_key=True)
    on_hand = models.BigIntegerField()
    reserved = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="stock_reserved_not_negative", condition=models.Q(reserved__gte=0)
            ),
            models.CheckConstraint(
                name="stock_reserved_on_hand",
                condition=models.Q(reserved__lte=models.F("on_hand")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.on_hand} on hand, {self.reserved} reserved"


class Reservation(models.Model):
    """What an order holds. A released one without lines bars an order that comes too late."""

    order_id = models.UUIDField(primary_key=True)
    status = models.CharField(max_length=10)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reservation_status_known",
                condition=models.Q(status__in=[status.value for status in ReservationStatus]),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="reservation_expiry",
                fields=["expires_at"],
                condition=models.Q(status=ReservationStatus.RESERVED.value),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.status}"


class ReservationLine(models.Model):
    pk = models.CompositePrimaryKey("reservation_id", "product_id")
    reservation = models.ForeignKey(
        Reservation, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    product_id = models.BigIntegerField()
    quantity = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="reservationline_quantity_positive", condition=models.Q(quantity__gt=0)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reservation_id}: {self.quantity} x {self.product_id}"
