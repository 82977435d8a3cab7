"""What orders tells the others."""

from collections.abc import Iterable
from uuid import UUID

from kit.db import Transaction
from kit.outbox import publish

from orders.domain import Line


async def publish_confirmed(
    session: Transaction, *, order_id: UUID, account_id: UUID, lines: Iterable[Line]
) -> None:
    sold = [{"product_id": line.product_id, "quantity": line.quantity} for line in lines]
    data = {"order_id": str(order_id), "account_id": str(account_id), "lines": sold}
    await publish(session, "order.confirmed", data)


async def publish_shipped(session: Transaction, *, order_id: UUID, account_id: UUID) -> None:
    data = {"order_id": str(order_id), "account_id": str(account_id)}
    await publish(session, "order.shipped", data)


async def publish_cancelled(session: Transaction, *, order_id: UUID, account_id: UUID) -> None:
    data = {"order_id": str(order_id), "account_id": str(account_id)}
    await publish(session, "order.cancelled", data)
