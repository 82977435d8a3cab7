"""The kinds of notification and what they say."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    WELCOME = "welcome"
    ORDER_CONFIRMED = "order-confirmed"
    ORDER_SHIPPED = "order-shipped"
    ORDER_CANCELLED = "order-cancelled"


@dataclass(frozen=True, slots=True)
class Message:
    kind: Kind
    subject: str
    body: str
    order_id: UUID | None = None


def welcome(name: str) -> Message:
    return Message(Kind.WELCOME, "Welcome to the shop", f"Hello {name}, your account is ready.")


def order_confirmed(order_id: UUID) -> Message:
    body = f"Your order {order_id} is confirmed."
    return Message(Kind.ORDER_CONFIRMED, "Order confirmed", body, order_id)


def order_shipped(order_id: UUID) -> Message:
    body = f"Your order {order_id} is on its way."
    return Message(Kind.ORDER_SHIPPED, "Order shipped", body, order_id)


def order_cancelled(order_id: UUID) -> Message:
    body = f"Your order {order_id} is cancelled and refunded."
    return Message(Kind.ORDER_CANCELLED, "Order cancelled", body, order_id)
