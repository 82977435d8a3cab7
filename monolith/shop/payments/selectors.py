from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from shop.payments.domain import VISIBLE, PaymentStatus
from shop.payments.models import Payment


class PaymentRow(NamedTuple):
    order_id: UUID
    amount: int
    status: str
    created_at: datetime
    updated_at: datetime


_ROW = ("order_id", "amount", "status", "created_at", "updated_at")


def payment_status(*, order_id: UUID) -> PaymentStatus | None:
    status = (
        Payment.objects.filter(order_id=order_id)
        .values_list("status", flat=True)
        .order_by()
        .first()
    )
    return None if status is None else PaymentStatus(status)


def payment_of_account(*, order_id: UUID, account_id: UUID) -> PaymentRow | None:
    """The payment as its owner sees it, if there is anything to see yet."""
    row = (
        Payment.objects.filter(order_id=order_id, account_id=account_id, status__in=VISIBLE)
        .values_list(*_ROW)
        .order_by()
        .first()
    )
    return PaymentRow(*row) if row else None
