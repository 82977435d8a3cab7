from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F
from django.db.models.fields.tuple_lookups import Tuple, TupleLessThan

from shop.orders.domain import Line
from shop.orders.models import Order, OrderLine
from shop.platform.json import money, rfc3339
from shop.platform.paging import Cursor


class OrderRow(NamedTuple):
    id: UUID
    status: str
    total: int
    created_at: datetime


class OrderHead(NamedTuple):
    id: UUID
    account_id: UUID
    status: str
    rejection: str | None
    total: int
    cart_version: int
    shipping_name: str
    shipping_street: str
    shipping_city: str
    shipping_postal_code: str
    shipping_country: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class OrderDetail:
    head: OrderHead
    lines: list[Line]

    def shown(self) -> dict[str, Any]:
        """As its owner sees it. Here, and not in `serializers`, for kept answers show it too."""
        head = self.head
        return {
            "id": str(head.id),
            "status": head.status,
            "rejection": head.rejection,
            "lines": [_line_shown(line) for line in self.lines],
            "total": money(head.total),
            "shipping_address": {
                "name": head.shipping_name,
                "street": head.shipping_street,
                "city": head.shipping_city,
                "postal_code": head.shipping_postal_code,
                "country": head.shipping_country,
            },
            "created_at": rfc3339(head.created_at),
            "updated_at": rfc3339(head.updated_at),
        }


def _line_shown(line: Line) -> dict[str, Any]:
    return {
        "product_id": line.product_id,
        "name": line.name,
        "unit_price": money(line.unit_price),
        "quantity": line.quantity,
        "subtotal": money(line.subtotal),
    }


_ROW = ("id", "status", "total_amount", "created_at")
_HEAD = (
    "id",
    "account_id",
    "status",
    "rejection",
    "total_amount",
    "cart_version",
    "shipping_name",
    "shipping_street",
    "shipping_city",
    "shipping_postal_code",
    "shipping_country",
    "created_at",
    "updated_at",
)


def order_list(*, account_id: UUID, limit: int, after: Cursor | None = None) -> list[OrderRow]:
    """Newest first; one more than `limit`, if there are more."""
    orders = Order.objects.filter(account_id=account_id)
    if after is not None:
        orders = orders.filter(TupleLessThan(Tuple(F("created_at"), F("id")), tuple(after)))
    rows = orders.order_by("-created_at", "-id").values_list(*_ROW)
    return [OrderRow(*row) for row in rows[: limit + 1]]


def order_detail(*, order_id: UUID, account_id: UUID | None = None) -> OrderDetail | None:
    """With an account: only if the order is its own."""
    orders = Order.objects.filter(id=order_id)
    if account_id is not None:
        orders = orders.filter(account_id=account_id)
    head = orders.values_list(*_HEAD).order_by().first()
    if head is None:
        return None
    lines = (
        OrderLine.objects.filter(order_id=order_id)
        .order_by("product_id")
        .values_list("product_id", "name", "unit_price_amount", "quantity")
    )
    return OrderDetail(OrderHead(*head), [Line(*line) for line in lines])
