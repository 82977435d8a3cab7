"""The audit finds nothing in sound books and says what is wrong with every false one."""

from dataclasses import replace
from typing import Any

import pytest

from twinbench.audit.books import (
    Account,
    Bestseller,
    Books,
    CoPurchase,
    Entry,
    Line,
    Notification,
    Order,
    Payment,
    Reservation,
    Stock,
    Unsent,
)
from twinbench.audit.invariants import INVARIANTS, violations

THEN = Books(
    stock=(Stock(1, 10, 0), Stock(2, 10, 0)),
    accounts=(Account("old"),),
    bestsellers=(Bestseller(1, 100), Bestseller(2, 50)),
    co_purchases=(CoPurchase(1, 2, 7), CoPurchase(2, 1, 7)),
)


def order(name: str, status: str, answer: int) -> Order:
    return Order(name, "ada", f"key of {name}", status, 300, unsettled=False, answer=answer)


CONFIRMED = order("confirmed", "confirmed", 201)
SHIPPED = order("shipped", "shipped", 201)
CANCELLED = order("cancelled", "cancelled", 201)
DECLINED = order("declined", "rejected", 402)
FAILED = order("failed", "rejected", 503)
ORDERS = (CONFIRMED, SHIPPED, CANCELLED, DECLINED, FAILED)
LINES = tuple(Line(one.id, product, product) for one in ORDERS for product in (1, 2))

NOW = Books(
    orders=ORDERS,
    order_lines=LINES,
    payments=(
        Payment("confirmed", 300, "captured"),
        Payment("shipped", 300, "captured"),
        Payment("cancelled", 300, "refunded"),
        Payment("declined", 300, "declined"),
        Payment("failed", None, "void"),
    ),
    ledger=(
        Entry("confirmed", 300, "captured"),
        Entry("shipped", 300, "captured"),
        Entry("cancelled", 300, "refunded"),
        Entry("declined", 300, "declined"),
        Entry("failed", 0, "voided"),
    ),
    reservations=(
        Reservation("confirmed", "committed"),
        Reservation("shipped", "committed"),
        Reservation("cancelled", "released"),
        Reservation("declined", "released"),
        Reservation("failed", "released"),
    ),
    reservation_lines=LINES,
    stock=(Stock(1, 8, 0), Stock(2, 6, 0)),
    notifications=(
        Notification("ada", "welcome", None),
        Notification("ada", "order-confirmed", "confirmed"),
        Notification("ada", "order-confirmed", "shipped"),
        Notification("ada", "order-shipped", "shipped"),
        Notification("ada", "order-confirmed", "cancelled"),
        Notification("ada", "order-cancelled", "cancelled"),
    ),
    accounts=(Account("old"), Account("ada")),
    bestsellers=(Bestseller(1, 103), Bestseller(2, 56)),
    co_purchases=(CoPurchase(1, 2, 10), CoPurchase(2, 1, 10)),
)


def changed(table: str, old: Any, new: Any) -> Books:
    rows = getattr(NOW, table)
    assert old in rows
    return replace(NOW, **{table: tuple(new if row == old else row for row in rows)})


def added(table: str, row: Any) -> Books:
    return replace(NOW, **{table: (*getattr(NOW, table), row)})


def without(table: str, row: Any) -> Books:
    rows = getattr(NOW, table)
    assert row in rows
    return replace(NOW, **{table: tuple(other for other in rows if other != row)})


WRONG = {
    "a pending order": (
        changed("orders", FAILED, replace(FAILED, status="pending")),
        "order failed (pending) is not settled",
    ),
    "an order with work left": (
        changed("orders", CANCELLED, replace(CANCELLED, unsettled=True)),
        "order cancelled (cancelled) is not settled",
    ),
    "an unsent event": (
        added("unsent", Unsent("order.shipped")),
        "1 order.shipped events have not reached everybody",
    ),
    "negative stock": (
        changed("stock", Stock(1, 8, 0), Stock(1, -1, 0)),
        "product 1 has -1 on hand, 0 reserved",
    ),
    "negative reserved": (
        changed("stock", Stock(1, 8, 0), Stock(1, 8, -2)),
        "product 1 has 8 on hand, -2 reserved",
    ),
    "stock sold twice": (
        changed("stock", Stock(2, 6, 0), Stock(2, 4, 0)),
        "product 2 had 10, sold 4, and has 4 on hand, not 6",
    ),
    "a sold order without a payment": (
        without("payments", Payment("shipped", 300, "captured")),
        "order shipped (shipped, 300) has 0 captured payments of its total in payments, not 1",
    ),
    "a sold order paid twice": (
        added("ledger", Entry("confirmed", 300, "captured")),
        (
            "order confirmed (confirmed, 300) has 2 captured payments of its total"
            " in the ledger, not 1"
        ),
    ),
    "a sold order paid wrongly": (
        changed("payments", NOW.payments[0], Payment("confirmed", 299, "captured")),
        "payment of order confirmed is of 299, the ledger says 300",
    ),
    "a paid rejected order": (
        changed("ledger", Entry("failed", 0, "voided"), Entry("failed", 300, "captured")),
        "order failed (rejected) has a payment captured in the ledger",
    ),
    "money held for a rejected order": (
        changed("payments", NOW.payments[4], Payment("failed", 300, "authorized")),
        "order failed (rejected) has a payment authorized in payments",
    ),
    "money taken for no order": (
        added("ledger", Entry("nobody", 5, "authorized")),
        "order nobody (unknown) has a payment authorized in the ledger",
    ),
    "a cancelled order not refunded": (
        changed("payments", NOW.payments[2], Payment("cancelled", 300, "void")),
        "order cancelled (cancelled) has a payment void in payments, not refunded",
    ),
    "a refund that the acquirer does not know": (
        changed("ledger", NOW.ledger[2], Entry("cancelled", 300, "captured")),
        "payment of order cancelled is refunded, the ledger says captured",
    ),
    "a payment that payments do not know": (
        added("ledger", Entry("nobody", 5, "declined")),
        "the ledger has nobody (declined), payments do not",
    ),
    "a reservation without a pending order": (
        added("reservations", Reservation("nobody", "reserved")),
        "reservation of order nobody (unknown) is reserved",
    ),
    "a rejected order that keeps its goods": (
        changed("reservations", NOW.reservations[3], Reservation("declined", "committed")),
        "reservation of order declined (rejected) is committed",
    ),
    "a sold order without goods": (
        without("reservations", Reservation("shipped", "committed")),
        "order shipped sold {1: 1, 2: 2}, its reservation is of None",
    ),
    "reserved for nobody": (
        changed("stock", Stock(1, 8, 0), Stock(1, 8, 3)),
        "product 1 has 3 reserved, its reservations come to 0",
    ),
    "a notification that is missing": (
        without("notifications", Notification("ada", "order-shipped", "shipped")),
        "account ada has 0 order-shipped about order shipped, not 1",
    ),
    "a notification sent twice": (
        added("notifications", Notification("ada", "welcome", None)),
        "account ada has 2 welcome, not 1",
    ),
    "a notification of what did not happen": (
        added("notifications", Notification("ada", "order-confirmed", "declined")),
        "account ada has 1 order-confirmed about order declined, not 0",
    ),
    "a notification to somebody else": (
        changed(
            "notifications",
            Notification("ada", "order-shipped", "shipped"),
            Notification("old", "order-shipped", "shipped"),
        ),
        "account old has 1 order-shipped about order shipped, not 0",
    ),
    "two orders under one key": (
        changed("orders", FAILED, replace(FAILED, key=DECLINED.key)),
        "key key of declined of account ada made 2 orders",
    ),
    "an order under no key": (
        changed("orders", FAILED, replace(FAILED, key=None)),
        "order failed was made under no key",
    ),
    "an answer that is not true": (
        changed("orders", FAILED, replace(FAILED, answer=201)),
        "order failed is rejected, its key answers 201",
    ),
    "no answer at all": (
        changed("orders", CONFIRMED, replace(CONFIRMED, answer=None)),
        "order confirmed is confirmed, its key answers None",
    ),
    "a sale counted twice": (
        changed("bestsellers", Bestseller(1, 103), Bestseller(1, 104)),
        "product 1 counts 104 sold, not 103",
    ),
    "a common order that is not counted": (
        without("co_purchases", CoPurchase(1, 2, 10)),
        "products 1 and 2 count 0 common orders, not 10",
    ),
}


def test_sound_books_have_no_violation() -> None:
    assert violations(THEN, NOW) == []
    assert violations(NOW, NOW) == []


@pytest.mark.parametrize("wrong", WRONG)
def test_a_violation_is_told_in_one_line(wrong: str) -> None:
    books, line = WRONG[wrong]
    assert line in violations(THEN, books)


def test_every_invariant_can_be_violated() -> None:
    silent = [
        invariant.__name__
        for invariant in INVARIANTS
        if not any(list(invariant(THEN, books)) for books, _ in WRONG.values())
    ]
    assert silent == []
