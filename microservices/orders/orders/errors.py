"""What can be wrong with an order, beyond what is wrong anywhere."""

from collections.abc import Mapping
from typing import ClassVar

from kit.errors import Problem


class CartEmpty(Problem):
    type = "cart-empty"
    status = 422
    title = "Cart empty"
    detail = "There is nothing in the cart to order."


class OutOfStock(Problem):
    type = "out-of-stock"
    status = 409
    title = "Out of stock"
    detail = "Not all products are available in the quantity ordered."


class PaymentDeclined(Problem):
    type = "payment-declined"
    status = 402
    title = "Payment declined"
    detail = "The card was declined."


class PaymentUnavailable(Problem):
    type = "payment-unavailable"
    status = 503
    title = "Payment unavailable"
    detail = "The payment could not be taken; the order was rejected."


class OrderUnsettled(Problem):
    type = "order-unsettled"
    status = 503
    title = "Order unsettled"
    detail = "The order is being settled; ask again with the same key."
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "5"}


class IdempotencyKeyReused(Problem):
    type = "idempotency-key-reused"
    status = 422
    title = "Idempotency key reused"
    detail = "This key was used with another request body."


class IdempotencyKeyInUse(Problem):
    type = "idempotency-key-in-use"
    status = 409
    title = "Idempotency key in use"
    detail = "A request with this key is still running."
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class OrderNotConfirmed(Problem):
    type = "order-not-confirmed"
    status = 409
    title = "Order not confirmed"
    detail = "Only a confirmed order can be changed."
