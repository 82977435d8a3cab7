"""What customers, and the orders service, do with carts."""

from uuid import UUID

from kit.errors import NotFound

from cart import selectors
from cart.clients import Catalog
from cart.domain import MAX_LINES, PricedLine
from cart.errors import CartFull
from cart.valkey import Carts


async def cart_line_set(
    carts: Carts, catalog: Catalog, *, account_id: UUID, product_id: int, quantity: int
) -> list[PricedLine]:
    """The cart afterwards. One call to the catalog checks the product and prices the cart; a
    second is made only when another request has changed the cart meanwhile."""
    before = await carts.snapshot(account_id)
    wanted = {product_id, *(line_id for line_id, _ in before.lines)}
    products = await catalog.products(sorted(wanted))
    if product_id not in products:
        raise NotFound
    after = await carts.line_set(account_id, product_id, quantity, most=MAX_LINES)
    if after is None:
        raise CartFull
    return await selectors.lines_priced(catalog, after.lines, known=products)


async def cart_line_remove(carts: Carts, *, account_id: UUID, product_id: int) -> None:
    await carts.line_remove(account_id, product_id)


async def cart_empty(carts: Carts, *, account_id: UUID) -> None:
    await carts.empty(account_id)


async def cart_clear(carts: Carts, *, account_id: UUID, version: int) -> None:
    """Empties the cart, unless it has changed since that version."""
    await carts.empty(account_id, version)
