"""What other services tell the catalog."""

from kit.bus import Event
from kit.db import Transaction
from kit.inbox import Subscriptions

from catalog.domain import units_sold
from catalog.services import sold_add


async def _count_sold(session: Transaction, event: Event) -> None:
    lines = [(line["product_id"], line["quantity"]) for line in event.data["lines"]]
    await sold_add(session, quantities=units_sold(lines))


SUBSCRIPTIONS: Subscriptions = {"orders": {"order.confirmed": _count_sold}}
