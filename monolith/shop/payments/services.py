"""Moving the money of an order. Every operation is idempotent by order id.

No transaction is open while the acquirer is asked. The row moves afterwards, by an UPDATE guarded
by the states it may move from, so that an answer that arrives late changes nothing.
"""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from shop.payments import selectors
from shop.payments.clients import Acquirer, Authorization, http_acquirer
from shop.payments.domain import REFUNDABLE, PaymentStatus
from shop.payments.models import Payment


def payment_open(*, order_id: UUID, account_id: UUID, amount: int) -> None:
    """Part of the caller's transaction: the payment exists if and only if its order does."""
    Payment.objects.create(order_id=order_id, account_id=account_id, amount=amount)


def payment_authorize(
    *, order_id: UUID, token: str, acquirer: Acquirer | None = None
) -> PaymentStatus:
    """The payment's status afterwards. Raises AcquirerUnavailable when the outcome is not known."""
    payment = Payment.objects.only("status", "amount").get(order_id=order_id)
    if payment.status != PaymentStatus.OPEN:
        return PaymentStatus(payment.status)
    answer = (acquirer or _acquirer()).authorize(order_id, amount=payment.amount, token=token)
    if answer is Authorization.WITHDRAWN:
        # Whoever withdrew it knows what had been taken, and records that.
        return _current(order_id)
    return _move(order_id, source=[PaymentStatus.OPEN], target=PaymentStatus(answer.value))


def payment_capture(*, order_id: UUID, acquirer: Acquirer | None = None) -> PaymentStatus:
    """The payment's status afterwards. Raises AcquirerUnavailable when the outcome is not known."""
    status = _current(order_id)
    if status != PaymentStatus.AUTHORIZED:
        return status
    if not (acquirer or _acquirer()).capture(order_id):
        return _current(order_id)
    return _move(order_id, source=[PaymentStatus.AUTHORIZED], target=PaymentStatus.CAPTURED)


def payment_refund(*, order_id: UUID, acquirer: Acquirer | None = None) -> PaymentStatus:
    """Give back what was taken, and see to it that nothing is taken later.

    The payment's status afterwards. Raises AcquirerUnavailable when the outcome is not known.
    """
    status = _current(order_id)
    if status not in REFUNDABLE:
        return status
    refund = (acquirer or _acquirer()).refund(order_id)
    target = PaymentStatus.REFUNDED if refund.taken else PaymentStatus.VOID
    return _move(order_id, source=REFUNDABLE, target=target)


def _move(
    order_id: UUID, *, source: Iterable[PaymentStatus], target: PaymentStatus
) -> PaymentStatus:
    moved = Payment.objects.filter(order_id=order_id, status__in=list(source)).update(
        status=target, updated_at=timezone.now()
    )
    return target if moved else _current(order_id)


def _current(order_id: UUID) -> PaymentStatus:
    status = selectors.payment_status(order_id=order_id)
    if status is None:
        raise Payment.DoesNotExist
    return status


def _acquirer() -> Acquirer:
    return http_acquirer(settings.ACQUIRER_URL)
