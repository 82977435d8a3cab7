"""Bringing a pending order to its end, by the request that placed it or by recovery.

Both may be at it at once: a request can stall for any time and wake up. So each step is idempotent
by order id, the order itself moves by a guarded UPDATE that only one of them wins, and what must be
given back is given back after that. The loser changes nothing and tells what the winner decided.
No transaction is open while payments ask the acquirer.
"""

import logging
from http import HTTPStatus
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from shop.cart import public as cart
from shop.inventory import public as inventory
from shop.orders.domain import LEASE, TRANSITIONS, Action, Rejection
from shop.orders.errors import PaymentDeclined, PaymentUnavailable
from shop.orders.idempotency import Answer, answer_keep, answer_kept
from shop.orders.models import Order
from shop.orders.selectors import OrderDetail, order_detail
from shop.payments.public import AcquirerUnavailable, PaymentStatus
from shop.platform import outbox
from shop.platform.errors import Problem

logger = logging.getLogger(__name__)


class Payments(Protocol):
    """What orders need of payments; `shop.payments.public` is one."""

    def status(self, *, order_id: UUID) -> PaymentStatus | None: ...

    def authorize(self, *, order_id: UUID, token: str) -> PaymentStatus: ...

    def capture(self, *, order_id: UUID) -> PaymentStatus: ...

    def refund(self, *, order_id: UUID) -> PaymentStatus: ...


def order_move(order_id: UUID, action: Action, **changes: object) -> bool:
    """False when the order was not in the state that the action starts from."""
    transition = TRANSITIONS[action]
    moved = Order.objects.filter(id=order_id, status=transition.source).update(
        status=transition.target, updated_at=timezone.now(), **changes
    )
    return moved == 1


def order_settle(order_id: UUID, payment: PaymentStatus | None, payments: Payments) -> Answer:
    """Complete an order that is paid for, give up one that is not.

    Raises AcquirerUnavailable when it cannot be known whether the money was captured.
    """
    match payment:
        case PaymentStatus.AUTHORIZED | PaymentStatus.CAPTURED:
            return _complete(order_id, payments)
        case PaymentStatus.DECLINED:
            return _reject(order_id, Rejection.PAYMENT_DECLINED, payments)
        case _:
            return _reject(order_id, Rejection.PAYMENT_UNAVAILABLE, payments)


def order_refund(order_id: UUID, payments: Payments) -> None:
    """Give the money of a rejected or cancelled order back, or leave that to recovery."""
    try:
        payments.refund(order_id=order_id)
    except AcquirerUnavailable:
        logger.warning("order %s: the refund is left to recovery", order_id)
        return
    Order.objects.filter(id=order_id, refund_pending=True).update(
        refund_pending=False, lease_expires_at=None
    )


def problem_answer(order_id: UUID, problem: Problem) -> Answer:
    return Answer(order_id, problem.status, orjson.dumps(problem.body()))


def _complete(order_id: UUID, payments: Payments) -> Answer:
    try:
        inventory.commit(order_id=order_id)
    except inventory.ReservationReleased:
        return _reject(order_id, Rejection.PAYMENT_UNAVAILABLE, payments)
    if payments.capture(order_id=order_id) is not PaymentStatus.CAPTURED:
        return _reject(order_id, Rejection.PAYMENT_UNAVAILABLE, payments)
    return _confirm(order_id)


@transaction.atomic
def _confirm(order_id: UUID) -> Answer:
    if not order_move(order_id, Action.CONFIRM, lease_expires_at=None):
        return answer_kept(order_id)
    detail = order_detail(order_id=order_id)
    if detail is None:
        raise Order.DoesNotExist
    answer = answer_keep(Answer(order_id, HTTPStatus.CREATED, orjson.dumps(detail.shown())))
    outbox.publish("order.confirmed", _confirmed_event(detail))
    cart.clear(account_id=detail.head.account_id, version=detail.head.cart_version)
    return answer


def _confirmed_event(detail: OrderDetail) -> dict[str, Any]:
    return {
        "order_id": str(detail.head.id),
        "account_id": str(detail.head.account_id),
        "lines": [
            {"product_id": line.product_id, "quantity": line.quantity} for line in detail.lines
        ],
    }


def _reject(order_id: UUID, rejection: Rejection, payments: Payments) -> Answer:
    # A declined card holds no money; in every other case the acquirer might.
    refund_pending = rejection is not Rejection.PAYMENT_DECLINED
    problem = PaymentUnavailable if refund_pending else PaymentDeclined
    with transaction.atomic():
        rejected = order_move(
            order_id,
            Action.REJECT,
            rejection=rejection,
            refund_pending=refund_pending,
            lease_expires_at=Now() + LEASE if refund_pending else None,
        )
        if not rejected:
            return answer_kept(order_id)
        inventory.release(order_id=order_id)
        answer = answer_keep(problem_answer(order_id, problem(order_id=str(order_id))))
    if refund_pending:
        order_refund(order_id, payments)
    return answer
