"""Use cases; the inbox owns the transaction, so that effect and receipt are one."""

from uuid import UUID

from kit.db import Transaction
from sqlalchemy.dialects.postgresql import insert

from notifications.domain import WELCOME, Message, order_message, welcome_message
from notifications.models import Notification


async def account_welcome(session: Transaction, *, account_id: UUID, name: str) -> None:
    await _notify(session, account_id, WELCOME, welcome_message(name), None)


async def order_notify(
    session: Transaction, *, account_id: UUID, order_id: UUID, kind: str
) -> None:
    await _notify(session, account_id, kind, order_message(kind, str(order_id)), order_id)


async def _notify(
    session: Transaction, account_id: UUID, kind: str, message: Message, order_id: UUID | None
) -> None:
    values = {
        "account_id": account_id,
        "kind": kind,
        "subject": message.subject,
        "body": message.body,
        "order_id": order_id,
    }
    await session.execute(insert(Notification).values(values).on_conflict_do_nothing())
