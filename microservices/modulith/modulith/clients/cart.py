"""What the cart asks for."""

from collections.abc import Sequence

from cart.clients import Product
from catalog.selectors import product_summaries
from kit.db import Database

from modulith.calls import Calls


class DirectCatalog:
    def __init__(self, calls: Calls, catalog: Database) -> None:
        self._calls, self._catalog = calls, catalog

    async def products(self, product_ids: Sequence[int]) -> dict[int, Product]:
        found = await self._calls.make(product_summaries(self._catalog, product_ids=product_ids))
        return {product.id: Product(product.name, product.price_amount) for product in found}
