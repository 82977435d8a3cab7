from typing import Any

from rest_framework import serializers

from shop.cart.domain import MAX_QUANTITY, PricedLine, total
from shop.platform.fields import Integer, Money, Strict
from shop.platform.json import money


class CartItemWrite(Strict):
    quantity = Integer(min_value=1, max_value=MAX_QUANTITY)


class CartLine(serializers.Serializer[Any]):
    product_id = serializers.IntegerField()
    name = serializers.CharField()
    unit_price = Money()
    quantity = serializers.IntegerField()
    subtotal = Money()


class Cart(serializers.Serializer[Any]):
    lines = CartLine(many=True)
    total = Money()


def cart(lines: list[PricedLine]) -> dict[str, Any]:
    return {
        "lines": [
            {
                "product_id": line.product_id,
                "name": line.name,
                "unit_price": money(line.unit_price),
                "quantity": line.quantity,
                "subtotal": money(line.subtotal),
            }
            for line in lines
        ],
        "total": money(total(lines)),
    }
