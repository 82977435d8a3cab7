"""What comes in and what goes out."""

from typing import Annotated, Any, Literal
from uuid import UUID

from kit.db import AnyRow
from kit.schemas import Currency, Money, NoNul, Strict, UtcDatetime, money
from pydantic import BaseModel, Field

from payments.domain import PaymentStatus


class AmountIn(Strict):
    """What an order comes to: many lines, so more than a single price can be."""

    amount: Annotated[int, Field(ge=0, le=2**63 - 1)]
    currency: Currency


class AuthorizeIn(Strict):
    account_id: Annotated[UUID, Field(strict=False)]
    amount: AmountIn
    token: Annotated[str, Field(min_length=1, max_length=100), NoNul]


class StatusOut(BaseModel):
    status: PaymentStatus


class PaymentOut(BaseModel):
    order_id: UUID
    amount: Money
    status: Literal["authorized", "captured", "refunded", "declined"]
    created_at: UtcDatetime
    updated_at: UtcDatetime


def payment_output(payment: AnyRow) -> dict[str, Any]:
    return {
        "order_id": payment.order_id,
        "amount": money(payment.amount),
        "status": payment.status,
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
    }
