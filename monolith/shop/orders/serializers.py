from typing import Any

from rest_framework import serializers

from shop.orders.domain import OrderStatus, Rejection
from shop.orders.selectors import OrderRow
from shop.platform.fields import Money, Strict, Text
from shop.platform.json import money, rfc3339


class ShippingAddress(Strict):
    name = Text(max_length=100)
    street = Text(max_length=200)
    city = Text(max_length=100)
    postal_code = Text(max_length=20)
    country = Text(min_length=0, pattern=r"\A[A-Z]{2}\Z")


class OrderWrite(Strict):
    payment_token = Text(max_length=100)
    shipping_address = ShippingAddress()


class OrderLine(serializers.Serializer[Any]):
    product_id = serializers.IntegerField()
    name = serializers.CharField()
    unit_price = Money()
    quantity = serializers.IntegerField()
    subtotal = Money()


class Order(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(list(OrderStatus))
    rejection = serializers.ChoiceField(list(Rejection), allow_null=True)
    lines = OrderLine(many=True)
    total = Money()
    shipping_address = ShippingAddress()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class OrderItem(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(list(OrderStatus))
    total = Money()
    created_at = serializers.DateTimeField()


class OrderPage(serializers.Serializer[Any]):
    items = OrderItem(many=True)
    next_cursor = serializers.CharField(allow_null=True)


def order_item(row: OrderRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "status": row.status,
        "total": money(row.total),
        "created_at": rfc3339(row.created_at),
    }
