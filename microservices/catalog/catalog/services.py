"""Changes of products. The use case owns the transaction and the event that tells of it."""

from collections.abc import Mapping
from typing import Any

from kit.db import Database, Transaction
from kit.errors import NotFound
from kit.outbox import publish
from sqlalchemy import func, insert, text, update

from catalog.errors import CategoryUnknown
from catalog.models import Product
from catalog.selectors import category_exists

_TOLD = (
    Product.id.label("product_id"),
    Product.name,
    Product.category,
    Product.price_amount,
    Product.tags,
)
# Rows are locked in the order of ids, so that two events never wait for each other in a circle.
_ADD_SOLD = text("""
    WITH line AS (
        SELECT products.id, line.quantity
        FROM products
        JOIN unnest(CAST(:ids AS bigint[]), CAST(:quantities AS bigint[]))
            AS line (id, quantity) USING (id)
        ORDER BY products.id
        FOR NO KEY UPDATE OF products
    )
    UPDATE products SET sold = products.sold + line.quantity
    FROM line WHERE products.id = line.id
""")


async def product_create(database: Database, *, values: Mapping[str, Any]) -> int:
    """`values` are the columns that staff can write."""
    created = insert(Product).values(**values).returning(*_TOLD)
    async with database.transaction() as session:
        await _check_category(session, values)
        product = (await session.execute(created)).mappings().one()
        await publish(session, "product.created", dict(product))
    return int(product["product_id"])


async def product_update(
    database: Database, *, product_id: int, changes: Mapping[str, Any]
) -> None:
    """`changes` are columns with their new values, any subset of those that staff can write."""
    changed = (
        update(Product)
        .where(Product.id == product_id)
        .values(**changes, updated_at=func.clock_timestamp())
        .returning(*_TOLD)
    )
    async with database.transaction() as session:
        await _check_category(session, changes)
        product = (await session.execute(changed)).mappings().one_or_none()
        if product is None:
            raise NotFound
        # Published while the row is locked: events of one product are told in order.
        await publish(session, "product.updated", dict(product))


async def sold_add(session: Transaction, *, quantities: Mapping[int, int]) -> None:
    await session.execute(
        _ADD_SOLD, {"ids": list(quantities), "quantities": list(quantities.values())}
    )


async def _check_category(session: Transaction, values: Mapping[str, Any]) -> None:
    if "category" in values and not await category_exists(session, slug=values["category"]):
        raise CategoryUnknown
