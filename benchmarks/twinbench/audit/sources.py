"""Where each arm keeps its books. Data only: the columns are those of the row's class, in order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, LiteralString


@dataclass(frozen=True, slots=True)
class Place:
    """`component` is one of the topology; `database` says which of its databases, if several."""

    component: str
    database: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    place: Place
    sql: LiteralString


def _monolith(sql: LiteralString) -> tuple[Source, ...]:
    return (Source(Place("monolith-db"), sql),)


def in_modulith(place: Place) -> Place:
    """Where the modulith keeps what the services keep here: in a database of the same name."""
    return Place("modulith-db", place.component.removesuffix("-db"))


_GROUPS: Final = {
    "storefront": ("catalog", "inventory", "recommendations"),
    "checkout": ("cart", "orders", "payments"),
    "customers": ("accounts", "notifications"),
}


def in_groups(place: Place) -> Place:
    """Where the groups keep it: in a database of the same name, on the server of its group."""
    service = place.component.removesuffix("-db")
    [group] = [name for name, services in _GROUPS.items() if service in services]
    return Place(f"groups-{group}-db", service)


_UNSENT: Final = "SELECT type FROM outbox WHERE sent_at IS NULL"

Sources = Mapping[str, tuple[Source, ...]]

_MONOLITH: Final[Sources] = {
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
    "co_purchases": _monolith("SELECT product_id, other_id, count FROM recommendations_copurchase"),
    "unsent": _monolith("SELECT type FROM platform_outboxevent WHERE settled_at IS NULL"),
}
_MICROSERVICES: Final[Sources] = {
    "orders": (
        Source(
            Place("orders-db"),
            "SELECT o.id::text, o.account_id::text, o.idempotency_key, o.status, o.total,"
            " o.unsettled, k.response_status FROM orders o"
            " LEFT JOIN idempotency_keys k ON k.order_id = o.id",
        ),
    ),
    "order_lines": (
        Source(Place("orders-db"), "SELECT order_id::text, product_id, quantity FROM order_lines"),
    ),
    "payments": (
        Source(Place("payments-db"), "SELECT order_id::text, amount, status FROM payments"),
    ),
    "reservations": (
        Source(Place("inventory-db"), "SELECT order_id::text, status FROM reservations"),
    ),
    "reservation_lines": (
        Source(
            Place("inventory-db"),
            "SELECT order_id::text, product_id, quantity FROM reservation_lines",
        ),
    ),
    "stock": (Source(Place("inventory-db"), "SELECT product_id, on_hand, reserved FROM stock"),),
    "notifications": (
        Source(
            Place("notifications-db"),
            "SELECT account_id::text, kind, order_id::text FROM notifications",
        ),
    ),
    "accounts": (Source(Place("accounts-db"), "SELECT id::text FROM accounts"),),
    "bestsellers": (Source(Place("catalog-db"), "SELECT id, sold FROM products"),),
    "co_purchases": (
        Source(Place("recommendations-db"), "SELECT product_id, other_id, count FROM co_purchases"),
    ),
    "unsent": tuple(
        Source(place, _UNSENT)
        for place in (Place("accounts-db"), Place("catalog-db"), Place("orders-db"))
    ),
}

ARMS: Final[Mapping[str, Sources]] = {
    "monolith": _MONOLITH,
    "microservices": _MICROSERVICES,
    "modulith": {
        name: tuple(replace(source, place=in_modulith(source.place)) for source in sources)
        for name, sources in _MICROSERVICES.items()
    },
    "groups": {
        name: tuple(replace(source, place=in_groups(source.place)) for source in sources)
        for name, sources in _MICROSERVICES.items()
    },
}


def places(arm: str) -> frozenset[Place]:
    return frozenset(source.place for sources in ARMS[arm].values() for source in sources)
