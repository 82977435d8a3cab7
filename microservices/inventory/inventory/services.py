"""Changes of stock. Each is one transaction, idempotent by order id where an order asks for it.

Rows are locked in the order of product ids, so that two orders never wait for each other in a
circle; the reservation's own row comes first and serialises what happens to one order.
"""

from collections.abc import Mapping
from uuid import UUID

from kit.db import Database, Transaction
from sqlalchemy import bindparam, func, insert, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from inventory.domain import (
    RESERVATION_LIFETIME,
    ReservationStatus,
    StockLevel,
    short_products,
)
from inventory.errors import OnHandBelowReserved, OutOfStock, ReservationReleased
from inventory.models import Reservation, ReservationLine, Stock

EXPIRY_BATCH = 200

_LOCK_LINES = """
    WITH line AS (
        SELECT stock.product_id, reservation_lines.quantity
        FROM stock JOIN reservation_lines USING (product_id)
        WHERE reservation_lines.order_id = :order_id
        ORDER BY stock.product_id
        FOR UPDATE OF stock
    )
    UPDATE stock
"""
_RESERVE = text("""
    UPDATE stock SET reserved = stock.reserved + line.quantity
    FROM reservation_lines AS line
    WHERE line.order_id = :order_id AND stock.product_id = line.product_id
""")
_COMMIT = text(f"""
    {_LOCK_LINES}
    SET on_hand = stock.on_hand - line.quantity, reserved = stock.reserved - line.quantity
    FROM line WHERE stock.product_id = line.product_id
""")
_UNRESERVE = text(f"""
    {_LOCK_LINES}
    SET reserved = stock.reserved - line.quantity
    FROM line WHERE stock.product_id = line.product_id
""")
_RESTOCK = text(f"""
    {_LOCK_LINES}
    SET on_hand = stock.on_hand + line.quantity
    FROM line WHERE stock.product_id = line.product_id
""")
_LOCKED_STATUS = (
    select(Reservation.status)
    .where(Reservation.order_id == bindparam("order_id"))
    .with_for_update()
)
_EXPIRED = (
    select(Reservation.order_id)
    .where(
        Reservation.status == literal_column(f"'{ReservationStatus.RESERVED}'"),
        Reservation.expires_at <= func.now(),
    )
    .order_by(Reservation.expires_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)


async def stock_set(database: Database, *, product_id: int, on_hand: int) -> StockLevel:
    new = upsert(Stock).values(product_id=product_id, on_hand=on_hand, reserved=0)
    written = new.on_conflict_do_update(
        index_elements=[Stock.product_id],
        set_={"on_hand": new.excluded.on_hand},
        where=Stock.reserved <= new.excluded.on_hand,
    ).returning(Stock.reserved)
    async with database.transaction() as session:
        reserved = await session.scalar(written)
        if reserved is None:
            raise OnHandBelowReserved
    return StockLevel(on_hand=on_hand, reserved=reserved)


async def stock_reserve(database: Database, *, order_id: UUID, lines: Mapping[int, int]) -> None:
    """Hold every line (product id: quantity) or, with OutOfStock, none."""
    async with database.transaction() as session:
        if not await _claim(session, order_id, ReservationStatus.RESERVED):
            if await _locked_status(session, order_id) == ReservationStatus.RELEASED:
                raise ReservationReleased
            return
        if short := short_products(lines, await _locked_stock(session, lines)):
            raise OutOfStock(products=short)
        await session.execute(
            insert(ReservationLine),
            [
                {"order_id": order_id, "product_id": product_id, "quantity": quantity}
                for product_id, quantity in lines.items()
            ],
        )
        await session.execute(_RESERVE, {"order_id": order_id})


async def stock_commit(database: Database, *, order_id: UUID) -> None:
    """What was held leaves the shelf."""
    async with database.transaction() as session:
        status = await _locked_status(session, order_id)
        if status == ReservationStatus.COMMITTED:
            return
        if status != ReservationStatus.RESERVED:
            raise ReservationReleased
        await session.execute(_COMMIT, {"order_id": order_id})
        await _move(session, order_id, ReservationStatus.COMMITTED)


async def stock_release(database: Database, *, order_id: UUID) -> None:
    """What was held, or had left, can be sold again; a reservation that comes later cannot."""
    async with database.transaction() as session:
        if not await _claim(session, order_id, ReservationStatus.RELEASED):
            await _release(session, order_id, await _locked_status(session, order_id))


async def reservations_expire(database: Database) -> int:
    """Release what has been held for too long; how many reservations."""
    for expired in range(EXPIRY_BATCH):
        async with database.transaction() as session:
            order_id = await session.scalar(_EXPIRED)
            if order_id is None:
                return expired
            await _release(session, order_id, ReservationStatus.RESERVED)
    return EXPIRY_BATCH


async def _release(session: Transaction, order_id: UUID, status: ReservationStatus | None) -> None:
    match status:
        case ReservationStatus.RESERVED:
            await session.execute(_UNRESERVE, {"order_id": order_id})
        case ReservationStatus.COMMITTED:
            await session.execute(_RESTOCK, {"order_id": order_id})
        case _:
            return
    await _move(session, order_id, ReservationStatus.RELEASED)


async def _claim(session: Transaction, order_id: UUID, status: ReservationStatus) -> bool:
    """False when the order already has a reservation; waits for one being made."""
    claimed = await session.scalar(
        upsert(Reservation)
        .values(
            order_id=order_id, status=status.value, expires_at=func.now() + RESERVATION_LIFETIME
        )
        .on_conflict_do_nothing()
        .returning(Reservation.order_id)
    )
    return claimed is not None


async def _locked_status(session: Transaction, order_id: UUID) -> ReservationStatus | None:
    status = await session.scalar(_LOCKED_STATUS, {"order_id": order_id})
    return None if status is None else ReservationStatus(status)


async def _locked_stock(session: Transaction, lines: Mapping[int, int]) -> dict[int, StockLevel]:
    rows = await session.execute(
        select(Stock.product_id, Stock.on_hand, Stock.reserved)
        .where(Stock.product_id.in_(list(lines)))
        .order_by(Stock.product_id)
        .with_for_update()
    )
    return {product_id: StockLevel(on_hand, reserved) for product_id, on_hand, reserved in rows}


async def _move(session: Transaction, order_id: UUID, status: ReservationStatus) -> None:
    await session.execute(
        update(Reservation).where(Reservation.order_id == order_id).values(status=status.value)
    )
