from typing import Any

from rest_framework import serializers

from shop.inventory.domain import MAX_ON_HAND, StockLevel
from shop.platform.fields import Integer, Strict


class StockWrite(Strict):
    on_hand = Integer(min_value=0, max_value=MAX_ON_HAND)


class Inventory(serializers.Serializer[Any]):
    product_id = serializers.IntegerField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    available = serializers.IntegerField()


def inventory(product_id: int, level: StockLevel) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": level.available,
    }
