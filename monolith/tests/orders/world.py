"""A small shop to place orders in, and the audit that must find nothing afterwards."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connections
from django.db.models.functions import Now

from shop.cart.services import cart_line_set
from shop.catalog.models import Category, Product
from shop.inventory.models import Reservation, Stock
from shop.inventory.services import stock_set
from shop.orders.idempotency import Answer
from shop.orders.models import IdempotencyKey, Order, OrderLine
from shop.orders.services import order_place
from shop.orders.settlement import Payments
from shop.payments import public as payments_door
from shop.payments.models import Payment
from shop.platform.models import OutboxEvent
from tests.cart.caller import Caller
from tests.payments.processor import Processor

APPROVED = "tok_ok"
ADDRESS = {
    "name": "Ada Lovelace",
    "street": "1 High Street",
    "city": "Dublin",
    "postal_code": "D01 F5P2",
    "country": "IE",
}
THREAD_SECONDS = 30


def order_body(token: str = APPROVED) -> dict[str, Any]:
    return {"payment_token": token, "shipping_address": ADDRESS}


def place(caller: Caller, token: str = APPROVED, key: str = "key") -> Any:
    """Over HTTP."""
    return caller.post("/orders", order_body(token), Idempotency_Key=key)


@dataclass
class World:
    processor: Processor
    initial: dict[int, int] = field(default_factory=dict)

    def product(self, *, stock: int = 100, price: int = 1999, name: str = "Kettle") -> int:
        category, _ = Category.objects.get_or_create(slug="kitchen", name="Kitchen")
        product_id: int = Product.objects.create(
            name=name, category=category, price_amount=price
        ).pk
        stock_set(product_id=product_id, on_hand=stock)
        self.initial[product_id] = stock
        return product_id

    def customer(self, cart: dict[int, int] | None = None) -> UUID:
        account_id = uuid4()
        for product_id, quantity in (cart or {}).items():
            cart_line_set(account_id=account_id, product_id=product_id, quantity=quantity)
        return account_id

    def place(
        self,
        account_id: UUID,
        *,
        key: str = "key",
        token: str = APPROVED,
        payments: Payments = payments_door,
    ) -> Answer:
        return order_place(
            account_id=account_id, key=key, body=order_body(token), payments=payments
        )

    def expire_leases(self) -> None:
        Order.objects.filter(lease_expires_at__isnull=False).update(
            lease_expires_at=Now() - timedelta(seconds=1)
        )

    def audit(self) -> None:
        """What CONTRACT.md calls always true, once everything is settled."""
        self._audit_orders()
        self._audit_stock()
        self._audit_money()
        self._audit_events()

    def _audit_orders(self) -> None:
        assert not Order.objects.filter(status="pending").exists()
        assert not Order.objects.filter(refund_pending=True).exists()
        assert not Order.objects.filter(lease_expires_at__isnull=False).exists()
        keys = {key.order_id: key for key in IdempotencyKey.objects.all()}
        for order in Order.objects.all():
            expected = {"out-of-stock": 409, "payment-declined": 402, "payment-unavailable": 503}
            assert keys[order.id].answer_status == expected.get(order.rejection or "", 201)

    def _audit_stock(self) -> None:
        gone: Counter[int] = Counter()
        for line in OrderLine.objects.filter(order__status__in=["confirmed", "shipped"]):
            gone[line.product_id] += line.quantity
        for stock in Stock.objects.all():
            assert stock.on_hand == self.initial[stock.product_id] - gone[stock.product_id] >= 0
            assert stock.reserved == 0
        for reservation in Reservation.objects.all():
            sold = Order.objects.get(id=reservation.order_id).status in {"confirmed", "shipped"}
            assert reservation.status == ("committed" if sold else "released")

    def _audit_money(self) -> None:
        ledger = self.processor.ledger()
        payments = {payment.order_id: payment.status for payment in Payment.objects.all()}
        for order in Order.objects.all():
            booked = ledger.get(str(order.id))
            payment = payments.get(order.id)
            if order.status in {"confirmed", "shipped"}:
                assert booked is not None
                assert booked["status"] == "captured"
                assert booked["amount"] == {"amount": order.total_amount, "currency": "EUR"}
                assert payment == "captured"
            elif booked is None:
                assert order.rejection == "out-of-stock"
                assert payment is None
            else:
                assert booked["status"] in {"declined", "voided", "refunded"}
                taken = booked["status"] != "declined" and booked["token"] != ""
                assert (payment == "refunded") is taken

    def _audit_events(self) -> None:
        events = Counter(
            (event.type, event.data["order_id"])
            for event in OutboxEvent.objects.filter(type__startswith="order.")
        )
        expected: Counter[tuple[str, str]] = Counter()
        for order in Order.objects.all():
            if order.status in {"confirmed", "shipped", "cancelled"}:
                expected["order.confirmed", str(order.id)] = 1
            if order.status in {"shipped", "cancelled"}:
                expected[f"order.{order.status}", str(order.id)] = 1
        assert events == expected


def at_once(*calls: Callable[[], Any]) -> list["Future[Any]"]:
    """Every call in a thread of its own, with a connection of its own; all are over."""
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(_and_hang_up, call) for call in calls]
        for future in futures:
            future.exception(timeout=THREAD_SECONDS)
    return futures


def _and_hang_up(call: Callable[[], Any]) -> Any:
    try:
        return call()
    finally:
        connections.close_all()
