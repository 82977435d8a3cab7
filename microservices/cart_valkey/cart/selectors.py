"""What is read."""

from uuid import UUID

from cart.clients import Catalog, Product
from cart.domain import PricedLine
from cart.valkey import Carts, CartSnapshot


async def cart_snapshot(carts: Carts, *, account_id: UUID) -> CartSnapshot:
    return await carts.snapshot(account_id)


async def cart_priced(carts: Carts, catalog: Catalog, *, account_id: UUID) -> list[PricedLine]:
    """The lines at today's names and prices, with one call for all of them."""
    cart = await carts.snapshot(account_id)
    return await lines_priced(catalog, cart.lines, known={})


async def lines_priced(
    catalog: Catalog, lines: list[tuple[int, int]], *, known: dict[int, Product]
) -> list[PricedLine]:
    """Asks only for the products not known yet; what the catalog does not know is left out."""
    unknown = [product_id for product_id, _ in lines if product_id not in known]
    products = {**known, **(await catalog.products(unknown))} if unknown else known
    return [
        PricedLine(product_id, *products[product_id], quantity)
        for product_id, quantity in lines
        if product_id in products
    ]
