"""What each kind of notification says."""

from typing import NamedTuple

WELCOME = "welcome"
ORDER_CONFIRMED = "order-confirmed"
ORDER_SHIPPED = "order-shipped"
ORDER_CANCELLED = "order-cancelled"
KINDS = (WELCOME, ORDER_CONFIRMED, ORDER_SHIPPED, ORDER_CANCELLED)


class Message(NamedTuple):
    """A notification's words."""

    subject: str
    body: str


def welcome_message(name: str) -> Message:
    return Message("Welcome to the shop", f"Hello {name}, your account is ready.")


def order_message(kind: str, order_id: str) -> Message:
    """`kind` is one of the three about an order."""
    if kind == ORDER_CONFIRMED:
        return Message("Order confirmed", f"Your order {order_id} is confirmed.")
    if kind == ORDER_SHIPPED:
        return Message("Order shipped", f"Your order {order_id} is on its way.")
    if kind == ORDER_CANCELLED:
        return Message("Order cancelled", f"Your order {order_id} is cancelled and refunded.")
    raise ValueError(f"not a kind of notification about an order: {kind}")
