"""Where each arm keeps its books. Data only: the columns are those of the row's class, in order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, LiteralString


@dataclass(frozen=True, slots=True)
class Source:
    """`database` is a component of the topology."""

    database: str
    sql: LiteralString


def _monolith(sql: LiteralString) -> tuple[Source, ...]:
    return (Source("monolith-db", sql),)


_UNSENT: Final = "SELECT type FROM outbox WHERE sent_at IS NULL"

ARMS: Final[Mapping[str, Mapping[str, tuple[Source, ...]]]] = {
    "monolith": {
        "orders": _monolith(
            "SELECT o.id::text, o.account_id::text, k.key, o.status, o.total_amount,"
            " o.lease_expires_at IS NOT NULL, k.answer_status"
            " FROM orders_order o LEFT JOIN orders_idempotencykey k ON k.order_id = o.id"
        ),
        "order_lines": _monolith(
            "SELECT order_id::text, product_id, quantity::int FROM orders_orderline"
        ),
        "payments": _monolith("SELECT order_id::text, amount, status FROM payments_payment"),
        "reservations": _monolith("SELECT order_id::text, status FROM inventory_reservation"),
        "reservation_lines": _monolith(
            "SELECT reservation_id::text, product_id, quantity FROM inventory_reservationline"
        ),
        "stock": _monolith("SELECT product_id, on_hand, reserved FROM inventory_stock"),
        "notifications": _monolith(
            "SELECT account_id::text, kind, order_id::text FROM notifications_notification"
        ),
        "accounts": _monolith("SELECT id::text FROM accounts_account"),
        "bestsellers": _monolith("SELECT id, sold FROM catalog_product"),
        "co_purchases": _monolith(
            "SELECT product_id, other_id, count FROM recommendations_copurchase"
        ),
        "unsent": _monolith("SELECT type FROM platform_outboxevent WHERE settled_at IS NULL"),
    },
    "microservices": {
        "orders": (
            Source(
                "orders-db",
                "SELECT o.id::text, o.account_id::text, o.idempotency_key, o.status, o.total,"
                " o.unsettled, k.response_status FROM orders o"
                " LEFT JOIN idempotency_keys k ON k.order_id = o.id",
            ),
        ),
        "order_lines": (
            Source("orders-db", "SELECT order_id::text, product_id, quantity FROM order_lines"),
        ),
        "payments": (Source("payments-db", "SELECT order_id::text, amount, status FROM payments"),),
        "reservations": (
            Source("inventory-db", "SELECT order_id::text, status FROM reservations"),
        ),
        "reservation_lines": (
            Source(
                "inventory-db", "SELECT order_id::text, product_id, quantity FROM reservation_lines"
            ),
        ),
        "stock": (Source("inventory-db", "SELECT product_id, on_hand, reserved FROM stock"),),
        "notifications": (
            Source(
                "notifications-db",
                "SELECT account_id::text, kind, order_id::text FROM notifications",
            ),
        ),
        "accounts": (Source("accounts-db", "SELECT id::text FROM accounts"),),
        "bestsellers": (Source("catalog-db", "SELECT id, sold FROM products"),),
        "co_purchases": (
            Source("recommendations-db", "SELECT product_id, other_id, count FROM co_purchases"),
        ),
        "unsent": tuple(
            Source(database, _UNSENT) for database in ("accounts-db", "catalog-db", "orders-db")
        ),
    },
}


def databases(arm: str) -> frozenset[str]:
    return frozenset(source.database for sources in ARMS[arm].values() for source in sources)
