"""Every change of an order's row, each one guarded UPDATE: who comes second changes nothing.

What is one statement runs in autocommit; what belongs to a larger change takes its transaction.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from kit.db import Database, Transaction
from kit.json import Json
from sqlalchemy import Executable, Update, bindparam, func, insert, select, update

from orders.domain import (
    LEASE,
    RETRY,
    TRANSITIONS,
    Action,
    Line,
    OrderStatus,
    Rejection,
    Step,
    total,
)
from orders.models import Order, OrderLine
from orders.records import OrderRecord

_THIS = Order.id == bindparam("this_order")
_PENDING = _THIS & (Order.status == OrderStatus.PENDING)
_RENEWED = func.now() + LEASE


def _move(action: Action, *, own: bool = False, **values: Json) -> Update:
    """`own`: only an order of the account that asks."""
    transition = TRANSITIONS[action]
    which = _THIS & (Order.status == transition.source)
    if own:
        which &= Order.account_id == bindparam("account")
    values |= {"status": transition.target, "updated_at": func.now(), "lease_expires_at": _RENEWED}
    return update(Order).where(which).values(values)


# Built once: building a statement costs more than running it.
_OPEN = insert(Order).values(lease_expires_at=_RENEWED).returning(Order.created_at)
_LINES = insert(OrderLine)
_ADVANCE = (
    update(Order)
    .where(_PENDING)
    .values(step=bindparam("done"), lease_expires_at=_RENEWED)
    .returning(Order.id)
)
_CONFIRM = _move(Action.CONFIRM, unsettled=bindparam("owes")).returning(Order.updated_at)
_REJECT = _move(Action.REJECT, unsettled=True, rejection=bindparam("why")).returning(
    Order.updated_at
)
_CANCEL = _move(Action.CANCEL, own=True, unsettled=True).returning(Order.id)
_SHIP = _move(Action.SHIP).returning(Order.id)
_SETTLE = (
    update(Order)
    .where(_THIS, Order.status == bindparam("seen"))
    .values(unsettled=False)
    .returning(Order.id)
)
_YIELD = (
    update(Order).where(_PENDING).values(lease_expires_at=func.now() + RETRY).returning(Order.id)
)
_ABANDONED = (
    select(Order.id)
    .where(Order.unsettled, Order.lease_expires_at <= func.now())
    .order_by(Order.lease_expires_at)
    .limit(bindparam("batch"))
    .with_for_update(skip_locked=True)
)
_TAKE_OVER = (
    update(Order)
    .where(Order.id.in_(_ABANDONED.scalar_subquery()))
    .values(lease_expires_at=_RENEWED)
    .returning(Order.id)
)


class NoLongerPending(Exception):  # noqa: N818 - not an error: another has settled the order
    pass


async def order_open(
    session: Transaction,
    *,
    order_id: UUID,
    account_id: UUID,
    idempotency_key: str,
    cart_version: int,
    lines: tuple[Line, ...],
    shipping_address: dict[str, str],
) -> OrderRecord:
    """A pending order under its maker's lease."""
    amount = total(lines)
    values = {
        "id": order_id,
        "account_id": account_id,
        "idempotency_key": idempotency_key,
        "status": OrderStatus.PENDING,
        "step": Step.CREATED,
        "total": amount,
        "shipping_address": shipping_address,
        "cart_version": cart_version,
        "unsettled": True,
    }
    created_at = (await session.execute(_OPEN, values)).scalar_one()
    rows = [
        {
            "order_id": order_id,
            "product_id": line.product_id,
            "name": line.name,
            "unit_price": line.unit_price,
            "quantity": line.quantity,
        }
        for line in lines
    ]
    await session.execute(_LINES, rows)
    return OrderRecord(
        id=order_id,
        account_id=account_id,
        idempotency_key=idempotency_key,
        status=OrderStatus.PENDING,
        rejection=None,
        step=Step.CREATED,
        lines=lines,
        total=amount,
        shipping_address=shipping_address,
        cart_version=cart_version,
        created_at=created_at,
        updated_at=created_at,
    )


async def order_advance(database: Database, *, order: OrderRecord, step: Step) -> OrderRecord:
    """Stores the step that is done and renews the lease. Raises NoLongerPending."""
    if await database.row(_ADVANCE, this_order=order.id, done=step) is None:
        raise NoLongerPending
    return replace(order, step=step)


async def order_confirm(session: Transaction, *, order: OrderRecord, owes: bool) -> OrderRecord:
    """`owes`: the cart could not be cleared. Raises NoLongerPending."""
    moved_at = await _moved_at(session, _CONFIRM, this_order=order.id, owes=owes)
    return replace(order, status=OrderStatus.CONFIRMED, updated_at=moved_at)


async def order_reject(
    session: Transaction, *, order: OrderRecord, rejection: Rejection
) -> OrderRecord:
    """Decides that the order is to be undone; the undoing follows. Raises NoLongerPending."""
    moved_at = await _moved_at(session, _REJECT, this_order=order.id, why=rejection)
    return replace(order, status=OrderStatus.REJECTED, rejection=rejection, updated_at=moved_at)


async def order_cancel(session: Transaction, *, order_id: UUID, account_id: UUID) -> bool:
    """Whether it was there, the account's own, and confirmed; the undoing follows."""
    moved = await session.execute(_CANCEL, {"this_order": order_id, "account": account_id})
    return moved.first() is not None


async def order_ship(session: Transaction, *, order_id: UUID) -> bool:
    """Whether it was there and confirmed."""
    return (await session.execute(_SHIP, {"this_order": order_id})).first() is not None


async def order_settle(database: Database, *, order: OrderRecord) -> None:
    """Nothing is owed any more for the status that the order had when the work was done."""
    await database.row(_SETTLE, this_order=order.id, seen=order.status)


async def order_yield(database: Database, *, order: OrderRecord) -> None:
    """Shortens the lease, so that recovery need not wait for all of it."""
    await database.row(_YIELD, this_order=order.id)


async def orders_take_over(session: Transaction, *, batch: int) -> list[UUID]:
    """Unsettled orders whose lease has run out, now under the caller's lease."""
    return list((await session.execute(_TAKE_OVER, {"batch": batch})).scalars())


async def _moved_at(session: Transaction, move: Executable, **parameters: Json) -> datetime:
    moved_at: datetime | None = (await session.execute(move, parameters)).scalar_one_or_none()
    if moved_at is None:
        raise NoLongerPending
    return moved_at
