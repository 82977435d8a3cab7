"""What other services tell recommendations."""

from datetime import datetime

from kit.bus import Event
from kit.db import Transaction
from kit.inbox import Subscriptions

from recommendations.domain import Product
from recommendations.services import co_purchase_count, product_learn


async def _learn_product(session: Transaction, event: Event) -> None:
    data = event.data
    await product_learn(
        session,
        product=Product(data["product_id"], data["category"], data["price_amount"], data["tags"]),
        name=data["name"],
        changed_at=datetime.fromisoformat(event.occurred_at),
    )


async def _count_co_purchases(session: Transaction, event: Event) -> None:
    product_ids = {line["product_id"] for line in event.data["lines"]}
    await co_purchase_count(session, product_ids=product_ids)


SUBSCRIPTIONS: Subscriptions = {
    "catalog": {"product.created": _learn_product, "product.updated": _learn_product},
    "orders": {"order.confirmed": _count_co_purchases},
}
