"""What can be done with orders. The steps of placing one are in `settlement`."""

from typing import Any
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models.functions import Now

from shop.cart import public as cart
from shop.cart.public import CartSnapshot
from shop.catalog import public as catalog
from shop.inventory import public as inventory
from shop.orders.domain import LEASE, Action, Line, Rejection, fingerprint, total
from shop.orders.errors import CartEmpty, OrderNotConfirmed, OrderUnsettled, OutOfStock
from shop.orders.idempotency import Answer, answer_keep, key_claim
from shop.orders.models import Order, OrderLine
from shop.orders.settlement import (
    Payments,
    order_move,
    order_refund,
    order_settle,
    problem_answer,
)
from shop.payments import public as payments_door
from shop.payments.public import AcquirerUnavailable, PaymentStatus
from shop.platform import outbox
from shop.platform.errors import NotFound

EVENTS = {Action.SHIP: "order.shipped", Action.CANCEL: "order.cancelled"}


def order_place(
    *, account_id: UUID, key: str, body: dict[str, Any], payments: Payments = payments_door
) -> Answer:
    """The one answer of this key. Raises OrderUnsettled when recovery has to find it."""
    with transaction.atomic():
        claimed = key_claim(account_id=account_id, key=key, fingerprint=fingerprint(body))
        if isinstance(claimed, Answer):
            return claimed
        if answer := _open(claimed, account_id, body):
            return answer
    return _pay(claimed, body["payment_token"], payments)


def order_cancel(*, order_id: UUID, account_id: UUID, payments: Payments = payments_door) -> None:
    with transaction.atomic():
        _change(
            order_id,
            Action.CANCEL,
            account_id=account_id,
            refund_pending=True,
            lease_expires_at=Now() + LEASE,
        )
        inventory.release(order_id=order_id)
    order_refund(order_id, payments)


def order_ship(*, order_id: UUID) -> None:
    with transaction.atomic():
        _change(order_id, Action.SHIP)


def _open(order_id: UUID, account_id: UUID, body: dict[str, Any]) -> Answer | None:
    """Make the order and hold its stock; the answer, if that is already the end of it."""
    snapshot = cart.snapshot(account_id=account_id)
    lines = _priced(snapshot)
    if not lines:
        return answer_keep(problem_answer(order_id, CartEmpty()))
    amount = total(lines)
    address = body["shipping_address"]
    Order.objects.create(
        id=order_id,
        account_id=account_id,
        total_amount=amount,
        cart_version=snapshot.version,
        lease_expires_at=Now() + LEASE,
        **{f"shipping_{name}": value for name, value in address.items()},
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order_id=order_id,
            product_id=line.product_id,
            name=line.name,
            unit_price_amount=line.unit_price,
            quantity=line.quantity,
        )
        for line in lines
    )
    try:
        # Last, so that popular products are locked for as short as can be.
        inventory.reserve(
            order_id=order_id, lines={line.product_id: line.quantity for line in lines}
        )
    except inventory.OutOfStock as shortage:
        return _reject_out_of_stock(order_id, shortage.products)
    payments_door.open_payment(order_id=order_id, account_id=account_id, amount=amount)
    return None


def _priced(snapshot: CartSnapshot) -> list[Line]:
    if not snapshot.items:
        return []
    products = catalog.products_by_ids(product_ids=[item.product_id for item in snapshot.items])
    return [
        Line(item.product_id, product.name, product.price, item.quantity)
        for item in snapshot.items
        if (product := products.get(item.product_id))
    ]


def _reject_out_of_stock(order_id: UUID, products: list[int]) -> Answer:
    order_move(order_id, Action.REJECT, rejection=Rejection.OUT_OF_STOCK, lease_expires_at=None)
    problem = OutOfStock(products=products, order_id=str(order_id))
    return answer_keep(problem_answer(order_id, problem))


def _pay(order_id: UUID, token: str, payments: Payments) -> Answer:
    payment: PaymentStatus | None
    try:
        try:
            payment = payments.authorize(order_id=order_id, token=token)
        except AcquirerUnavailable:
            payment = None
        return order_settle(order_id, payment, payments)
    except (AcquirerUnavailable, OperationalError, InterfaceError) as error:
        raise OrderUnsettled(order_id=str(order_id)) from error


def _change(
    order_id: UUID, action: Action, *, account_id: UUID | None = None, **changes: object
) -> None:
    """Move a confirmed order and tell the world; with an account, only its own."""
    orders = Order.objects.filter(id=order_id)
    if account_id is not None:
        orders = orders.filter(account_id=account_id)
    owner = orders.values_list("account_id", flat=True).first()
    if owner is None:
        raise NotFound
    if not order_move(order_id, action, **changes):
        raise OrderNotConfirmed
    outbox.publish(EVENTS[action], {"order_id": str(order_id), "account_id": str(owner)})
