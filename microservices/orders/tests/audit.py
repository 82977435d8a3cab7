"""The invariants of CONTRACT.md, checked against the database and the services around it."""

from collections.abc import Sequence

from fakes import DESK, LAMP, STOCK, World
from kit.db import AnyRow, Database
from sqlalchemy import text

from orders.domain import PaymentStatus
from orders.recovery import orders_recover
from orders.saga import Saga

_ORDERS = text(
    "SELECT id, account_id, idempotency_key, status, rejection, step, total, unsettled FROM orders"
)
_EXPIRE = text("UPDATE orders SET lease_expires_at = now() - interval '1 second'")
_EXPIRE_KEYS = text("UPDATE idempotency_keys SET claim_expires_at = now() - interval '1 second'")
_UNPAID = (
    None,
    PaymentStatus.DECLINED,
    PaymentStatus.VOID,
    PaymentStatus.REFUNDED,
)


async def rows(database: Database, statement: str) -> Sequence[AnyRow]:
    async with database.read() as connection:
        return (await connection.execute(text(statement))).all()


async def expire_leases(database: Database) -> None:
    """As if everybody who was at work had been dead for longer than a lease."""
    async with database.transaction() as session:
        await session.execute(_EXPIRE)
        await session.execute(_EXPIRE_KEYS)


async def cut_connections(database: Database) -> None:
    """As if the database server had been restarted: every pooled connection is dead."""
    other = Database(database.engine.url, 1)
    try:
        await rows(
            other,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
    finally:
        await other.close()


async def recover(saga: Saga) -> None:
    await expire_leases(saga.database)
    await orders_recover(saga)


async def audit(database: Database, world: World) -> Sequence[AnyRow]:
    """The orders, when nothing is lost, doubled or left over."""
    async with database.read() as connection:
        orders = (await connection.execute(_ORDERS)).all()
    sold = {LAMP: 0, DESK: 0}
    for order in orders:
        assert not order.unsettled, order
        reservation, lines = world.inventory.reservations.get(order.id, ("none", {}))
        payment = world.payments.payments.get(order.id)
        if order.status in ("confirmed", "shipped"):
            assert reservation == "committed", order
            assert payment is not None
            assert (payment.status, payment.amount) == (PaymentStatus.CAPTURED, order.total)
            for product_id, quantity in lines.items():
                sold[product_id] += quantity
        else:
            assert order.status in ("rejected", "cancelled"), order
            assert reservation in ("none", "released"), order
            assert (payment and payment.status) in _UNPAID, order
    for product_id, quantity in sold.items():
        assert world.inventory.on_hand[product_id] == STOCK - quantity
        assert world.inventory.reserved(product_id) == 0
    assert set(world.payments.payments) <= {order.id for order in orders}
    await _audit_events(database, orders)
    await _audit_keys(database, orders)
    return orders


async def _audit_events(database: Database, orders: Sequence[AnyRow]) -> None:
    events = await rows(
        database,
        "SELECT type, data->>'order_id' AS order_id, count(*) AS copies FROM outbox GROUP BY 1, 2",
    )
    assert all(event.copies == 1 for event in events), events
    told = {(event.type, event.order_id) for event in events}
    for order in orders:
        was_confirmed = order.status in ("confirmed", "shipped", "cancelled")
        assert (("order.confirmed", str(order.id)) in told) == was_confirmed
        assert (("order.cancelled", str(order.id)) in told) == (order.status == "cancelled")
        assert (("order.shipped", str(order.id)) in told) == (order.status == "shipped")


async def _audit_keys(database: Database, orders: Sequence[AnyRow]) -> None:
    answered = await rows(
        database,
        "SELECT order_id, response_status AS status FROM idempotency_keys"
        " WHERE response_status IS NOT NULL AND order_id IS NOT NULL",
    )
    final = {row.order_id: row.status for row in answered}
    expected = {"out-of-stock": 409, "payment-declined": 402, "payment-unavailable": 503}
    for order in orders:
        assert final[order.id] == expected.get(order.rejection or "", 201), order
