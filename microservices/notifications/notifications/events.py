"""Events that become notifications."""

from functools import partial
from uuid import UUID

from kit.bus import Event
from kit.db import Transaction
from kit.inbox import Subscriptions

from notifications import services
from notifications.domain import ORDER_CANCELLED, ORDER_CONFIRMED, ORDER_SHIPPED


async def _account_created(session: Transaction, event: Event) -> None:
    await services.account_welcome(
        session, account_id=UUID(event.data["account_id"]), name=event.data["name"]
    )


async def _order_changed(session: Transaction, event: Event, *, kind: str) -> None:
    await services.order_notify(
        session,
        account_id=UUID(event.data["account_id"]),
        order_id=UUID(event.data["order_id"]),
        kind=kind,
    )


SUBSCRIPTIONS: Subscriptions = {
    "accounts": {"account.created": _account_created},
    "orders": {
        "order.confirmed": partial(_order_changed, kind=ORDER_CONFIRMED),
        "order.shipped": partial(_order_changed, kind=ORDER_SHIPPED),
        "order.cancelled": partial(_order_changed, kind=ORDER_CANCELLED),
    },
}
