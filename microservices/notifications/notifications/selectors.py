"""Reads."""

from collections.abc import Sequence
from uuid import UUID

from kit.db import AnyRow, Database
from kit.paging import Cursor
from sqlalchemy import Integer, bindparam, select, tuple_

from notifications.models import Notification

_PLACE = (Notification.created_at, Notification.id)
_FIRST = (
    select(
        Notification.id,
        Notification.kind,
        Notification.subject,
        Notification.body,
        Notification.order_id,
        Notification.created_at,
    )
    .where(Notification.account_id == bindparam("account_id"))
    .order_by(*(column.desc() for column in _PLACE))
    .limit(bindparam("count", type_=Integer))
)
_NEXT = _FIRST.where(tuple_(*_PLACE) < tuple_(bindparam("moment"), bindparam("last_id")))


async def notification_list(
    database: Database, *, account_id: UUID, after: Cursor | None, limit: int
) -> Sequence[AnyRow]:
    """Newest first; one row more than `limit` where there is one."""
    if after is None:
        return await database.rows(_FIRST, account_id=account_id, count=limit + 1)
    return await database.rows(
        _NEXT, account_id=account_id, count=limit + 1, moment=after.value, last_id=after.id
    )
