"""The service that cart works with: what it needs of it, and how it asks over HTTP."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from kit.errors import DependencyUnavailable
from kit.http import ServiceClient

_OK = 200


class Product(NamedTuple):
    name: str
    price: int


class Catalog(Protocol):
    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        """By id; a product that the catalog does not know is missing. Raises
        DependencyUnavailable."""


class HttpCatalog:
    def __init__(self, client: ServiceClient) -> None:
        self._client = client

    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        reply = await self._client.post(
            "/internal/products/batch", {"product_ids": list(product_ids)}, idempotent=True
        )
        if reply.status != _OK:
            raise DependencyUnavailable
        return {
            item["id"]: Product(item["name"], item["price"]["amount"])
            for item in reply.body["items"]
        }
