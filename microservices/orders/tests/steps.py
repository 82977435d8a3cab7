"""Requests as the tests make them."""

from typing import Any
from uuid import UUID

from orders.idempotency import Answer
from orders.saga import Saga
from orders.services import order_place

ADDRESS = {
    "name": "Ada Lovelace",
    "street": "1 High Street",
    "city": "Dublin",
    "postal_code": "D01",
    "country": "IE",
}


def order_body(token: str) -> dict[str, Any]:
    return {"payment_token": token, "shipping_address": ADDRESS}


async def place(saga: Saga, account_id: UUID, *, card: str = "tok_ok", key: str = "k") -> Answer:
    return await order_place(saga, account_id=account_id, key=key, body=order_body(card))
