"""What comes in and what goes out."""

from typing import Annotated, Any
from uuid import UUID

from kit.db import AnyRow
from kit.schemas import Money, NoNul, Strict, UtcDatetime, money
from pydantic import BaseModel, Field

from orders.domain import OrderStatus, Rejection
from orders.records import OrderRecord


class ShippingAddress(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100), NoNul]
    street: Annotated[str, Field(min_length=1, max_length=200), NoNul]
    city: Annotated[str, Field(min_length=1, max_length=100), NoNul]
    postal_code: Annotated[str, Field(min_length=1, max_length=20), NoNul]
    country: Annotated[str, Field(pattern="^[A-Z]{2}$"), NoNul]


class OrderIn(Strict):
    payment_token: Annotated[str, Field(min_length=1, max_length=100), NoNul]
    shipping_address: ShippingAddress


class LineOut(BaseModel):
    product_id: int
    name: str
    unit_price: Money
    quantity: int
    subtotal: Money


class OrderOut(BaseModel):
    id: UUID
    status: OrderStatus
    rejection: Rejection | None
    lines: list[LineOut]
    total: Money
    shipping_address: ShippingAddress
    created_at: UtcDatetime
    updated_at: UtcDatetime


class OrderSummary(BaseModel):
    id: UUID
    status: OrderStatus
    total: Money
    created_at: UtcDatetime


def order_output(order: OrderRecord) -> dict[str, Any]:
    return {
        "id": order.id,
        "status": order.status,
        "rejection": order.rejection,
        "lines": [
            {
                "product_id": line.product_id,
                "name": line.name,
                "unit_price": money(line.unit_price),
                "quantity": line.quantity,
                "subtotal": money(line.subtotal),
            }
            for line in order.lines
        ],
        "total": money(order.total),
        "shipping_address": order.shipping_address,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
    }


def summary_output(row: AnyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": row.status,
        "total": money(row.total),
        "created_at": row.created_at,
    }
