"""What is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from kit.db import AnyRow, Database, Transaction
from sqlalchemy import bindparam, select

from cart.clients import Catalog, Product
from cart.domain import PricedLine
from cart.models import Cart, CartLine


@dataclass(frozen=True, slots=True)
class CartSnapshot:
    version: int
    # (product id, quantity), by product id
    lines: list[tuple[int, int]]


# Built once: building a statement costs more than running it.
_SNAPSHOT = (
    select(CartLine.product_id, CartLine.quantity, Cart.version)
    .join(Cart, Cart.account_id == CartLine.account_id)
    .where(CartLine.account_id == bindparam("account"))
    .order_by(CartLine.product_id)
)


async def cart_snapshot(database: Database, *, account_id: UUID) -> CartSnapshot:
    """Lines and version in one statement, so that they belong together.

    A cart without lines has version 0: there is nothing that could be cleared.
    """
    return _snapshot(await database.rows(_SNAPSHOT, account=account_id))


async def cart_snapshot_within(session: Transaction, *, account_id: UUID) -> CartSnapshot:
    """As the transaction has left it."""
    return _snapshot((await session.execute(_SNAPSHOT, {"account": account_id})).all())


async def cart_priced(
    database: Database, catalog: Catalog, *, account_id: UUID
) -> list[PricedLine]:
    """The lines at today's names and prices, with one call for all of them."""
    cart = await cart_snapshot(database, account_id=account_id)
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


def _snapshot(rows: Sequence[AnyRow]) -> CartSnapshot:
    version = rows[0].version if rows else 0
    return CartSnapshot(version, [(row.product_id, row.quantity) for row in rows])
