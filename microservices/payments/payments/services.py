"""Moving the money of an order. Every operation is idempotent by order id.

No transaction is open while the acquirer is asked. The row moves afterwards, by an UPDATE guarded
by the states it may move from, so that an answer that arrives late changes nothing.
"""

from uuid import UUID

from kit.db import Database
from kit.errors import NotFound
from sqlalchemy import bindparam, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningUpdate

from payments import selectors
from payments.clients import Acquirer, Authorization
from payments.domain import REFUNDABLE, PaymentStatus
from payments.models import Payment


def _move(*sources: PaymentStatus) -> ReturningUpdate[str]:
    """To the status `target`, from one of these and no other."""
    return (
        update(Payment)
        .where(Payment.order_id == bindparam("this_order"), Payment.status.in_(sources))
        .values(status=bindparam("target"), updated_at=func.now())
        .returning(Payment.status)
    )


# Built once: building a statement costs more than running it. Each is a transaction by itself.
_OPEN = insert(Payment).on_conflict_do_nothing().returning(Payment.order_id)
_AUTHORIZED = _move(PaymentStatus.OPEN)
_CAPTURED = _move(PaymentStatus.AUTHORIZED)
_REFUNDED = _move(*REFUNDABLE)


async def payment_authorize(
    database: Database,
    acquirer: Acquirer,
    *,
    order_id: UUID,
    account_id: UUID,
    amount: int,
    token: str,
) -> PaymentStatus:
    """The payment's status afterwards. Raises AcquirerUnavailable when the outcome is not known."""
    new = await database.row(
        _OPEN,
        order_id=order_id,
        account_id=account_id,
        amount=amount,
        status=PaymentStatus.OPEN,
    )
    if new is None:
        status = await _current(database, order_id)
        if status is not PaymentStatus.OPEN:
            return status
    answer = await acquirer.authorize(order_id, amount=amount, token=token)
    if answer is Authorization.WITHDRAWN:
        # Whoever withdrew it knows what had been taken, and records that.
        return await _current(database, order_id)
    return await _moved(database, _AUTHORIZED, order_id, PaymentStatus(answer.value))


async def payment_capture(
    database: Database, acquirer: Acquirer, *, order_id: UUID
) -> PaymentStatus:
    """The payment's status afterwards. Raises AcquirerUnavailable when the outcome is not known."""
    status = await _current(database, order_id)
    if status is not PaymentStatus.AUTHORIZED:
        return status
    if not await acquirer.capture(order_id):
        return await _current(database, order_id)
    return await _moved(database, _CAPTURED, order_id, PaymentStatus.CAPTURED)


async def payment_refund(
    database: Database, acquirer: Acquirer, *, order_id: UUID
) -> PaymentStatus:
    """Gives back what was taken, and sees to it that nothing is taken later, even for an order
    that nobody has asked money for yet.

    The payment's status afterwards. Raises AcquirerUnavailable when the outcome is not known.
    """
    status = await selectors.payment_status(database, order_id=order_id)
    if status is not None and status not in REFUNDABLE:
        return status
    refund = await acquirer.refund(order_id)
    if status is None:
        # A tombstone: whoever asks for this order's money from now on finds it withdrawn.
        await database.row(_OPEN, order_id=order_id, status=PaymentStatus.VOID)
    target = PaymentStatus.REFUNDED if refund.taken else PaymentStatus.VOID
    return await _moved(database, _REFUNDED, order_id, target)


async def _moved(
    database: Database, move: ReturningUpdate[str], order_id: UUID, target: PaymentStatus
) -> PaymentStatus:
    """The payment's status afterwards, which another may have decided meanwhile."""
    row = await database.row(move, this_order=order_id, target=target)
    return await _current(database, order_id) if row is None else PaymentStatus(row.status)


async def _current(database: Database, order_id: UUID) -> PaymentStatus:
    status = await selectors.payment_status(database, order_id=order_id)
    if status is None:
        raise NotFound
    return status
