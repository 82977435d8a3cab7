from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from kit.db import AnyRow, Database, Transaction
from kit.paging import Cursor
from sqlalchemy import ARRAY, DateTime, Uuid, any_, bindparam, select, tuple_

from orders.domain import Line, OrderStatus, Rejection, Step
from orders.models import Order, OrderLine
from orders.records import OrderRecord

# Built once: building a statement costs more than running it.
_WITH_LINES = (
    select(
        Order.id,
        Order.account_id,
        Order.idempotency_key,
        Order.status,
        Order.rejection,
        Order.step,
        Order.total,
        Order.shipping_address,
        Order.cart_version,
        Order.created_at,
        Order.updated_at,
        OrderLine.product_id,
        OrderLine.name,
        OrderLine.unit_price,
        OrderLine.quantity,
    )
    .join(OrderLine, OrderLine.order_id == Order.id)
    .order_by(Order.id, OrderLine.product_id)
)


_ONE = _WITH_LINES.where(Order.id == bindparam("this_order"))
_OWN = _ONE.where(Order.account_id == bindparam("account"))
_SEVERAL = _WITH_LINES.where(Order.id == any_(bindparam("these_orders", type_=ARRAY(Uuid))))
_NEWEST = (
    select(Order.id, Order.status, Order.total, Order.created_at)
    .where(Order.account_id == bindparam("account"))
    .order_by(Order.created_at.desc(), Order.id.desc())
    .limit(bindparam("size"))
)
_NEXT = _NEWEST.where(
    tuple_(Order.created_at, Order.id)
    < tuple_(
        bindparam("last_time", type_=DateTime(timezone=True)), bindparam("last_id", type_=Uuid)
    )
)


async def order_of_account(
    database: Database, *, order_id: UUID, account_id: UUID
) -> OrderRecord | None:
    rows = await database.rows(_OWN, this_order=order_id, account=account_id)
    return _record(rows) if rows else None


async def order_get(session: Transaction, *, order_id: UUID) -> OrderRecord | None:
    rows = (await session.execute(_ONE, {"this_order": order_id})).all()
    return _record(rows) if rows else None


async def orders_get(session: Transaction, *, order_ids: Sequence[UUID]) -> list[OrderRecord]:
    rows = (await session.execute(_SEVERAL, {"these_orders": order_ids})).all()
    return [_record(list(group)) for _, group in groupby(rows, key=lambda row: row.id)]


async def order_list(
    database: Database, *, account_id: UUID, after: Cursor | None, limit: int
) -> Sequence[AnyRow]:
    """Newest first, one more than asked for: it tells whether there is a next page."""
    if after is None:
        return await database.rows(_NEWEST, account=account_id, size=limit + 1)
    return await database.rows(
        _NEXT, account=account_id, size=limit + 1, last_time=after.value, last_id=after.id
    )


def _record(rows: Sequence[AnyRow]) -> OrderRecord:
    order = rows[0]
    return OrderRecord(
        id=order.id,
        account_id=order.account_id,
        idempotency_key=order.idempotency_key,
        status=OrderStatus(order.status),
        rejection=None if order.rejection is None else Rejection(order.rejection),
        step=Step(order.step),
        lines=tuple(Line(row.product_id, row.name, row.unit_price, row.quantity) for row in rows),
        total=order.total,
        shipping_address=order.shipping_address,
        cart_version=order.cart_version,
        created_at=order.created_at,
        updated_at=order.updated_at,
    )
