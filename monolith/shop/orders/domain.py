"""Orders as values: their states, what they come to, and what makes two requests the same."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

import orjson

# Longer than the worst request: two attempts of 1.5 s each to authorise, to capture and to void.
LEASE = timedelta(seconds=10)


class OrderStatus(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    SHIPPED = "shipped"
    CANCELLED = "cancelled"


class Rejection(StrEnum):
    OUT_OF_STOCK = "out-of-stock"
    PAYMENT_DECLINED = "payment-declined"
    PAYMENT_UNAVAILABLE = "payment-unavailable"


class Action(StrEnum):
    CONFIRM = "confirm"
    REJECT = "reject"
    SHIP = "ship"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Transition:
    source: OrderStatus
    target: OrderStatus


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
