"""What is read. Statements are built once: building one costs more than running it."""

from uuid import UUID

from kit.db import AnyRow, Database
from sqlalchemy import bindparam, select

from payments.domain import VISIBLE, PaymentStatus
from payments.models import Payment

_THIS = Payment.order_id == bindparam("this_order")
_STATUS = select(Payment.status).where(_THIS)
_VISIBLE = select(
    Payment.order_id, Payment.amount, Payment.status, Payment.created_at, Payment.updated_at
).where(_THIS, Payment.account_id == bindparam("account"), Payment.status.in_(VISIBLE))


async def payment_status(database: Database, *, order_id: UUID) -> PaymentStatus | None:
    row = await database.row(_STATUS, this_order=order_id)
    return None if row is None else PaymentStatus(row.status)


async def payment_of_account(
    database: Database, *, order_id: UUID, account_id: UUID
) -> AnyRow | None:
    """The payment as its owner sees it, if there is anything to see yet."""
    return await database.row(_VISIBLE, this_order=order_id, account=account_id)
