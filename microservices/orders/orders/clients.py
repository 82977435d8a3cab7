"""The services that orders works with: what it needs of them, and how it asks over HTTP.

Every port raises DependencyUnavailable when the outcome is not known; every change is idempotent
by order id and may be asked for again at any time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol
from uuid import UUID

from kit.errors import DependencyUnavailable
from kit.http import Reply, ServiceClient
from kit.schemas import money

from orders.domain import Line, PaymentStatus

OK, CREATED, NO_CONTENT, NOT_FOUND, CONFLICT = 200, 201, 204, 404, 409
# The payments service itself tries the acquirer twice, for 1.5 s each.
PAYMENT_SECONDS = 4.5


class CartLine(NamedTuple):
    product_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CartSnapshot:
    version: int
    lines: tuple[CartLine, ...]


class Product(NamedTuple):
    name: str
    price: int


class Authorization(StrEnum):
    AUTHORIZED = "authorized"
    DECLINED = "declined"
    UNAVAILABLE = "unavailable"


class Cart(Protocol):
    async def snapshot(self, account_id: UUID) -> CartSnapshot: ...

    async def clear(self, account_id: UUID, *, version: int) -> None:
        """Empties the cart, unless it has changed since that version."""


class Catalog(Protocol):
    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        """By id; a product that the catalog does not know is missing."""


class Inventory(Protocol):
    async def reserve(self, order_id: UUID, lines: Iterable[Line]) -> list[int]:
        """Reserves all lines or none; the ids, ascending, of the products that are short."""

    async def commit(self, order_id: UUID) -> bool:
        """Whether the reservation is now sold; false when there is none any more."""

    async def release(self, order_id: UUID) -> None:
        """Gives reserved or sold stock back and refuses a reservation that comes later."""


class Payments(Protocol):
    async def authorize(
        self, order_id: UUID, *, account_id: UUID, amount: int, token: str
    ) -> Authorization: ...

    async def capture(self, order_id: UUID) -> bool:
        """Whether the money is taken; false when the authorisation is no longer there."""

    async def refund(self, order_id: UUID) -> None:
        """Gives back what was taken and refuses whatever comes later."""

    async def status(self, order_id: UUID) -> PaymentStatus: ...


@dataclass(frozen=True, slots=True)
class Collaborators:
    cart: Cart
    catalog: Catalog
    inventory: Inventory
    payments: Payments


def _expect(reply: Reply, *statuses: int) -> Reply:
    """An answer outside the agreement tells nothing about what was done."""
    if reply.status not in statuses:
        raise DependencyUnavailable
    return reply


class HttpCart:
    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def snapshot(self, account_id: UUID) -> CartSnapshot:
        reply = _expect(await self._client.get(f"/internal/carts/{account_id}"), OK)
        lines = tuple(
            CartLine(line["product_id"], line["quantity"]) for line in reply.body["lines"]
        )
        return CartSnapshot(reply.body["version"], lines)

    async def clear(self, account_id: UUID, *, version: int) -> None:
        path = f"/internal/carts/{account_id}/clear"
        _expect(await self._client.post(path, {"version": version}, idempotent=True), NO_CONTENT)


class HttpCatalog:
    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        reply = await self._client.post(
            "/internal/products/batch", {"product_ids": list(product_ids)}, idempotent=True
        )
        items = _expect(reply, OK).body["items"]
        return {item["id"]: Product(item["name"], item["price"]["amount"]) for item in items}


class HttpInventory:
    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def reserve(self, order_id: UUID, lines: Iterable[Line]) -> list[int]:
        wanted = [{"product_id": line.product_id, "quantity": line.quantity} for line in lines]
        body = {"order_id": str(order_id), "lines": wanted}
        reply = await self._client.post("/internal/reservations", body, idempotent=True)
        if reply.status == CONFLICT:
            products: list[int] = reply.body.get("products", [])
            if not products:
                # Refused for another reason: the order was settled while this call was on its way.
                raise DependencyUnavailable
            return products
        _expect(reply, OK, CREATED)
        return []

    async def commit(self, order_id: UUID) -> bool:
        path = f"/internal/reservations/{order_id}/commit"
        reply = await self._client.post(path, idempotent=True)
        return _expect(reply, OK, CONFLICT).status == OK

    async def release(self, order_id: UUID) -> None:
        path = f"/internal/reservations/{order_id}/release"
        _expect(await self._client.post(path, idempotent=True), OK)


class HttpPayments:
    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def authorize(
        self, order_id: UUID, *, account_id: UUID, amount: int, token: str
    ) -> Authorization:
        body = {"account_id": str(account_id), "amount": money(amount), "token": token}
        reply = await self._post(order_id, "authorize", body)
        if reply.status == OK:
            return Authorization(reply.body["status"])
        # Without an answer, or refused because it was withdrawn: there is no money to count on.
        return Authorization.UNAVAILABLE

    async def capture(self, order_id: UUID) -> bool:
        return _expect(await self._post(order_id, "capture"), OK, CONFLICT).status == OK

    async def refund(self, order_id: UUID) -> None:
        _expect(await self._post(order_id, "refund"), OK)

    async def status(self, order_id: UUID) -> PaymentStatus:
        reply = _expect(await self._client.get(f"/internal/payments/{order_id}"), OK, NOT_FOUND)
        return PaymentStatus(reply.body["status"]) if reply.status == OK else PaymentStatus.NONE

    async def _post(self, order_id: UUID, operation: str, body: object = None) -> Reply:
        path = f"/internal/payments/{order_id}/{operation}"
        return await self._client.post(path, body, idempotent=True, timeout=PAYMENT_SECONDS)
