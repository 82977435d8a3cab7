"""Finishing what a request began and did not end: it crashed, it stalled, or a partner was away."""

import logging
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from shop.orders.domain import LEASE, OrderStatus
from shop.orders.models import Order
from shop.orders.settlement import Payments, order_refund, order_settle
from shop.payments import public as payments_door
from shop.payments.public import AcquirerUnavailable

logger = logging.getLogger(__name__)

# As long as the pause between two runs: a partner that hangs cannot fill the workers with them.
RUN_SECONDS = 2.0


def orders_recover(*, payments: Payments = payments_door) -> int:
    """Work on orders whose lease is over, for at most about two seconds; how many there were."""
    end = monotonic() + RUN_SECONDS
    taken = 0
    while monotonic() < end and (order_id := _take_overdue()):
        taken += 1
        try:
            _recover(order_id, payments)
        except AcquirerUnavailable:
            logger.warning("order %s stays unsettled: the acquirer is unavailable", order_id)
    return taken


def _recover(order_id: UUID, payments: Payments) -> None:
    status = Order.objects.values_list("status", flat=True).get(id=order_id)
    if status == OrderStatus.PENDING:
        order_settle(order_id, payments.status(order_id=order_id), payments)
    else:
        order_refund(order_id, payments)


@transaction.atomic
def _take_overdue() -> UUID | None:
    """Renew the lease of the order that has waited longest, for us."""
    order_id = (
        Order.objects.select_for_update(skip_locked=True)
        .filter(lease_expires_at__lte=Now())
        .order_by("lease_expires_at")
        .values_list("id", flat=True)
        .first()
    )
    if order_id is not None:
        Order.objects.filter(id=order_id).update(lease_expires_at=Now() + LEASE)
    return order_id
