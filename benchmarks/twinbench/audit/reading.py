"""Reading an arm's books from its databases and the acquirer."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

import psycopg

from twinbench.audit import books as rows
from twinbench.audit.books import Books, Entry
from twinbench.audit.sources import ARMS, Place

Connections = Mapping[Place, psycopg.Connection[Any]]

_ROWS: Mapping[str, type[Any]] = {
    "orders": rows.Order,
    "order_lines": rows.Line,
    "payments": rows.Payment,
    "reservations": rows.Reservation,
    "reservation_lines": rows.Line,
    "stock": rows.Stock,
    "notifications": rows.Notification,
    "accounts": rows.Account,
    "bestsellers": rows.Bestseller,
    "co_purchases": rows.CoPurchase,
    "unsent": rows.Unsent,
}


def read_books(arm: str, connections: Connections, acquirer: str) -> Books:
    """`acquirer` is its base URL. Raises psycopg.Error or OSError."""
    found: dict[str, tuple[Any, ...]] = {
        name: tuple(
            _ROWS[name](*row)
            for source in sources
            for row in connections[source.place].execute(source.sql)
        )
        for name, sources in ARMS[arm].items()
    }
    return Books(**found, ledger=read_ledger(acquirer))


def pending_orders(arm: str, connections: Connections) -> frozenset[str]:
    """Ids of orders that are pending right now. Raises psycopg.Error."""
    found = (
        rows.Order(*row)
        for source in ARMS[arm]["orders"]
        for row in connections[source.place].execute(source.sql)
    )
    return frozenset(order.id for order in found if order.status == "pending")


def read_ledger(acquirer: str) -> tuple[Entry, ...]:
    with urllib.request.urlopen(f"{acquirer}/ledger", timeout=10) as answer:  # noqa: S310
        items = json.load(answer)["items"]
    return tuple(
        Entry(item["reference"], item["amount"]["amount"], item["status"]) for item in items
    )
