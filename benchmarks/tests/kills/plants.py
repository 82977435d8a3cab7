"""Falsified books, so that an audit which finds nothing is known to have looked."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, LiteralString

import psycopg

from twinbench.audit.books import Books
from twinbench.audit.invariants import violations
from twinbench.audit.reading import Connections
from twinbench.audit.sources import Place, in_modulith


@dataclass(frozen=True, slots=True)
class Plant:
    """`told`: part of the line that must be among those the audit finds."""

    place: Place
    sql: LiteralString
    told: str


def _in(component: str, plants: dict[str, LiteralString]) -> list[Plant]:
    return [Plant(Place(component), sql, told) for told, sql in plants.items()]


PLANTS: Final[dict[str, list[Plant]]] = {
    "monolith": _in(
        "monolith-db",
        {
            "is not settled": "UPDATE orders_order SET lease_expires_at = now()",
            "have not reached everybody": "UPDATE platform_outboxevent SET settled_at = NULL",
            "on hand, not": "UPDATE inventory_stock SET on_hand = on_hand + 1",
            "reservations come to": "UPDATE inventory_stock SET reserved = reserved + 1"
            " WHERE on_hand > 0",
            "has 0 captured payments": "UPDATE payments_payment SET amount = amount + 1",
            "has a payment captured": "UPDATE payments_payment SET status = 'captured'",
            "the ledger says": "DELETE FROM payments_payment WHERE status <> 'captured';"
            " UPDATE payments_payment SET status = 'refunded'",
            "payments do not": "DELETE FROM payments_payment",
            "is reserved": "UPDATE inventory_reservation SET status = 'reserved'",
            "its reservation is of": "UPDATE inventory_reservationline SET quantity = 98",
            "has 0 order-confirmed": "DELETE FROM notifications_notification",
            "has 1 order-shipped": "UPDATE notifications_notification"
            " SET order_id = gen_random_uuid()",
            "made under no key": "DELETE FROM orders_idempotencykey",
            "its key answers": "UPDATE orders_idempotencykey SET answer_status = 402",
            "counts": "UPDATE catalog_product SET sold = sold + 1",
            "common orders": "UPDATE recommendations_copurchase SET count = count + 1",
        },
    ),
    "microservices": [
        *_in(
            "orders-db",
            {
                "is not settled": "UPDATE orders SET unsettled = true",
                "order.confirmed events have not": "UPDATE outbox SET sent_at = NULL",
                "its key answers": "UPDATE idempotency_keys SET response_status = 402",
            },
        ),
        *_in(
            "inventory-db",
            {
                "on hand, not": "UPDATE stock SET on_hand = on_hand + 1",
                "reservations come to": "UPDATE stock SET reserved = reserved + 1"
                " WHERE on_hand > 0",
                "is reserved": "UPDATE reservations SET status = 'reserved'",
                "its reservation is of": "UPDATE reservation_lines SET quantity = 98",
            },
        ),
        *_in(
            "payments-db",
            {
                "has 0 captured payments": "UPDATE payments SET amount = amount + 1",
                "has a payment captured": "UPDATE payments SET status = 'captured'"
                " WHERE amount IS NOT NULL",
                "the ledger says": "DELETE FROM payments WHERE status <> 'captured';"
                " UPDATE payments SET status = 'refunded'",
                "payments do not": "DELETE FROM payments",
            },
        ),
        *_in(
            "notifications-db",
            {
                "has 0 order-confirmed": "DELETE FROM notifications",
                "has 1 order-shipped": "UPDATE notifications SET order_id = gen_random_uuid()",
            },
        ),
        *_in("accounts-db", {"account.created events": "UPDATE outbox SET sent_at = NULL"}),
        *_in("catalog-db", {"counts": "UPDATE products SET sold = sold + 1"}),
        *_in("recommendations-db", {"common orders": "UPDATE co_purchases SET count = count + 1"}),
    ],
}
PLANTS["modulith"] = [
    replace(plant, place=in_modulith(plant.place)) for plant in PLANTS["microservices"]
]


def overlooked(
    arm: str, connections: Connections, then: Books, read: Callable[[Connections], Books]
) -> list[Plant]:
    """The plants that the audit does not tell of. Nothing planted is ever committed."""
    return [
        plant
        for plant in PLANTS[arm]
        if not any(plant.told in line for line in _found(plant, connections, then, read))
    ]


def _found(
    plant: Plant, connections: Connections, then: Books, read: Callable[[Connections], Books]
) -> list[str]:
    planted: psycopg.Connection[Any] = connections[plant.place]
    with contextlib.ExitStack() as after:
        after.callback(planted.rollback)
        planted.execute(plant.sql)
        return violations(then, read(connections))
