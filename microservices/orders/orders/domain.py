"""The rules of an order, free of any framework, database or network."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, assert_never

import orjson

# Longer than the slowest single step (see clients.py); every step that is done renews it.
LEASE = timedelta(seconds=10)
# How long an order that a request had to give up rests before recovery tries it.
RETRY = timedelta(seconds=2)


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


class Rejection(StrEnum):
    OUT_OF_STOCK = "out-of-stock"
    PAYMENT_DECLINED = "payment-declined"
    PAYMENT_UNAVAILABLE = "payment-unavailable"


class Step(StrEnum):
    """How far a pending order is known to have come; each is stored before the next is tried."""

    CREATED = "created"
    RESERVED = "reserved"
    AUTHORIZED = "authorized"
    COMMITTED = "committed"


class PaymentStatus(StrEnum):
    """As the payments service tells its callers; `NONE` where it knows of no payment."""

    NONE = "none"
    OPEN = "open"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    REFUNDED = "refunded"
    DECLINED = "declined"
    VOID = "void"


class Action(StrEnum):
    CONFIRM = "confirm"
    REJECT = "reject"
    SHIP = "ship"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Transition:
    source: OrderStatus
    target: OrderStatus


# Each action has exactly one state that it starts from, which is what the guarded updates rely on.
TRANSITIONS = {
    Action.CONFIRM: Transition(OrderStatus.PENDING, OrderStatus.CONFIRMED),
    Action.REJECT: Transition(OrderStatus.PENDING, OrderStatus.REJECTED),
    Action.SHIP: Transition(OrderStatus.CONFIRMED, OrderStatus.SHIPPED),
    Action.CANCEL: Transition(OrderStatus.CONFIRMED, OrderStatus.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Line:
    product_id: int
    name: str
    unit_price: int
    quantity: int

    @property
    def subtotal(self) -> int:
        return self.unit_price * self.quantity


def total(lines: Iterable[Line]) -> int:
    return sum(line.subtotal for line in lines)


def fingerprint(body: dict[str, Any]) -> str:
    """Equal for bodies that differ only in the order of their keys or in white space."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def must_ask_payments(step: Step) -> bool:
    """Only between the request for money and its answer does the order itself not know."""
    return step is Step.RESERVED


def rejection_of_abandoned(step: Step, payment: PaymentStatus) -> Rejection | None:
    """Why an order whose request died must be rejected; None when it must be completed.

    Once the money is authorised the order is completed: the customer was promised nothing less.
    """
    match step:
        case Step.AUTHORIZED | Step.COMMITTED:
            return None
        case Step.CREATED:
            return Rejection.PAYMENT_UNAVAILABLE
        case Step.RESERVED:
            if payment in (PaymentStatus.AUTHORIZED, PaymentStatus.CAPTURED):
                return None
            if payment is PaymentStatus.DECLINED:
                return Rejection.PAYMENT_DECLINED
            return Rejection.PAYMENT_UNAVAILABLE
        case _:
            assert_never(step)


def may_have_payment(step: Step) -> bool:
    """Whether undoing the order must also undo a payment."""
    return step is not Step.CREATED
