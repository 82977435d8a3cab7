"""What events teach. Each runs in the transaction that notes its event as seen."""

from collections.abc import Collection
from datetime import datetime

from kit.db import Transaction
from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert

from recommendations.domain import Product
from recommendations.models import Product as Known

# In the order of the pairs, so that two events never wait for each other in a circle.
_COUNT = text("""
    INSERT INTO co_purchases AS pair (product_id, other_id, count)
    SELECT one.id, other.id, 1
    FROM unnest(CAST(:ids AS bigint[])) AS one (id)
        CROSS JOIN unnest(CAST(:ids AS bigint[])) AS other (id)
    WHERE one.id <> other.id
    ORDER BY one.id, other.id
    ON CONFLICT (product_id, other_id) DO UPDATE SET count = pair.count + 1
""")


async def product_learn(
    session: Transaction, *, product: Product, name: str, changed_at: datetime
) -> None:
    """Keep what the catalog says of a product, unless something newer is known already."""
    learnt = insert(Known).values(
        id=product.id,
        name=name,
        category=product.category,
        price_amount=product.price_amount,
        tags=list(product.tags),
        changed_at=changed_at,
    )
    new = learnt.excluded
    await session.execute(
        learnt.on_conflict_do_update(
            index_elements=[Known.id],
            set_={
                column: new[column]
                for column in ("name", "category", "price_amount", "tags", "changed_at")
            },
            where=Known.changed_at <= new.changed_at,
        )
    )


async def co_purchase_count(session: Transaction, *, product_ids: Collection[int]) -> None:
    """One more order with these (distinct) products together."""
    await session.execute(_COUNT, {"ids": list(product_ids)})
