from typing import ClassVar

from django.db import models

from shop.cart.domain import MAX_QUANTITY


class Cart(models.Model):
    """Every change of the lines takes the row's lock and a new version; the row is never deleted,
    so that a version never comes twice."""

    account_id = models.UUIDField(primary_key=True)
    version = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return f"{self.account_id} v{self.version}"


class CartLine(models.Model):
    pk = models.CompositePrimaryKey("cart_id", "product_id")
    cart = models.ForeignKey(Cart, models.CASCADE, related_name="lines", db_index=False)
    product_id = models.BigIntegerField()
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="cart_line_quantity_in_range",
                condition=models.Q(quantity__gte=1, quantity__lte=MAX_QUANTITY),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.product_id}"
