"""Changes of stock. Each is one transaction, idempotent by order id where an order asks for it.

Rows are locked in the order of product ids, so that two orders never wait for each other in a
circle; the reservation's own row comes first and serialises what happens to one order.
"""

from collections.abc import Mapping
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from shop.inventory.domain import (
    RESERVATION_LIFETIME,
    ReservationStatus,
    StockLevel,
    short_products,
)
from shop.inventory.errors import OnHandBelowReserved, OutOfStock, ReservationReleased
from shop.inventory.models import Reservation, ReservationLine, Stock

EXPIRY_BATCH = 200

_SET = """
    INSERT INTO inventory_stock AS stock (product_id, on_hand, reserved) VALUES (%s, %s, 0)
    ON CONFLICT (product_id) DO UPDATE SET on_hand = excluded.on_hand
    WHERE stock.reserved <= excluded.on_hand
    RETURNING reserved
"""
_RESERVE = """
    UPDATE inventory_stock AS stock SET reserved = stock.reserved + line.quantity
    FROM inventory_reservationline AS line
    WHERE line.reservation_id = %s AND stock.product_id = line.product_id
"""
_LOCK_LINES = """
    WITH line AS (
        SELECT stock.product_id, line.quantity
        FROM inventory_stock AS stock JOIN inventory_reservationline AS line USING (product_id)
        WHERE line.reservation_id = %s
        ORDER BY stock.product_id
        FOR UPDATE OF stock
    )
    UPDATE inventory_stock AS stock
"""
_COMMIT = f"""
    {_LOCK_LINES}
    SET on_hand = stock.on_hand - line.quantity, reserved = stock.reserved - line.quantity
    FROM line WHERE stock.product_id = line.product_id
"""
_UNRESERVE = f"""
    {_LOCK_LINES}
    SET reserved = stock.reserved - line.quantity
    FROM line WHERE stock.product_id = line.product_id
"""
_RESTOCK = f"""
    {_LOCK_LINES}
    SET on_hand = stock.on_hand + line.quantity
    FROM line WHERE stock.product_id = line.product_id
"""


def stock_set(*, product_id: int, on_hand: int) -> StockLevel:
    with connection.cursor() as cursor:
        cursor.execute(_SET, [product_id, on_hand])
        row = cursor.fetchone()
    if row is None:
        raise OnHandBelowReserved
    return StockLevel(on_hand=on_hand, reserved=row[0])


@transaction.atomic
def stock_reserve(*, order_id: UUID, lines: Mapping[int, int]) -> None:
    """Hold every line (product id: quantity) or, with OutOfStock, none."""
    if not _claim(order_id, ReservationStatus.RESERVED):
        if _locked_status(order_id) == ReservationStatus.RELEASED:
            raise ReservationReleased(order_id)
        return
    stock = {
        row.product_id: StockLevel(row.on_hand, row.reserved)
        for row in Stock.objects.select_for_update()
        .filter(product_id__in=list(lines))
        .order_by("product_id")
    }
    if short := short_products(lines, stock):
        raise OutOfStock(short)
    ReservationLine.objects.bulk_create(
        ReservationLine(reservation_id=order_id, product_id=product_id, quantity=quantity)
        for product_id, quantity in lines.items()
    )
    _execute(_RESERVE, order_id)


@transaction.atomic
def stock_commit(*, order_id: UUID) -> None:
    """What was held leaves the shelf."""
    status = _locked_status(order_id)
    if status == ReservationStatus.COMMITTED:
        return
    if status != ReservationStatus.RESERVED:
        raise ReservationReleased(order_id)
    _execute(_COMMIT, order_id)
    _move(order_id, ReservationStatus.COMMITTED)


@transaction.atomic
def stock_release(*, order_id: UUID) -> None:
    """What was held, or had left, can be sold again; a reservation that comes later cannot."""
    if _claim(order_id, ReservationStatus.RELEASED):
        return
    _release(order_id, _locked_status(order_id))


def reservations_expire() -> int:
    """Release what has been held for too long; how many reservations."""
    expired = 0
    while True:
        with transaction.atomic():
            order_ids = list(
                Reservation.objects.select_for_update(skip_locked=True)
                .filter(status=ReservationStatus.RESERVED, expires_at__lte=timezone.now())
                .order_by("expires_at")
                .values_list("order_id", flat=True)[:1]
            )
            for order_id in order_ids:
                _release(order_id, ReservationStatus.RESERVED)
        expired += len(order_ids)
        if not order_ids or expired >= EXPIRY_BATCH:
            return expired


def _release(order_id: UUID, status: ReservationStatus | None) -> None:
    if status == ReservationStatus.RELEASED:
        return
    _execute(_RESTOCK if status == ReservationStatus.COMMITTED else _UNRESERVE, order_id)
    _move(order_id, ReservationStatus.RELEASED)


def _claim(order_id: UUID, status: ReservationStatus) -> bool:
    """False when the order already has a reservation; waits for one being made."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inventory_reservation (order_id, status, expires_at, created_at)"
            " VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            [order_id, status.value, now + RESERVATION_LIFETIME, now],
        )
        return bool(cursor.rowcount == 1)


def _locked_status(order_id: UUID) -> ReservationStatus | None:
    status = (
        Reservation.objects.select_for_update()
        .filter(order_id=order_id)
        .values_list("status", flat=True)
        .first()
    )
    return ReservationStatus(status) if status else None


def _move(order_id: UUID, status: ReservationStatus) -> None:
    Reservation.objects.filter(order_id=order_id).update(status=status.value)


def _execute(statement: str, order_id: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [order_id])
