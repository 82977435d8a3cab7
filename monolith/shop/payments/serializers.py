from typing import Any

from rest_framework import serializers

from shop.payments.domain import VISIBLE
from shop.payments.selectors import PaymentRow
from shop.platform.fields import Money
from shop.platform.json import money, rfc3339


class Payment(serializers.Serializer[Any]):
    order_id = serializers.UUIDField()
    amount = Money()
    status = serializers.ChoiceField(sorted(VISIBLE))
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


def payment(row: PaymentRow) -> dict[str, Any]:
    return {
        "order_id": str(row.order_id),
        "amount": money(row.amount),
        "status": row.status,
        "created_at": rfc3339(row.created_at),
        "updated_at": rfc3339(row.updated_at),
    }
