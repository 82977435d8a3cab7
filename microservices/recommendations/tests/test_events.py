"""What is learnt from events, once each and in whatever order they come."""

from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from httpx import AsyncClient
from kit.bus import Event
from kit.db import Database
from kit_testing.apps import eventually
from sqlalchemy import select, text

from recommendations.models import CoPurchase, Product
from tests.conftest import golden

BASE = {"category": "desks", "price_amount": 1999, "tags": ["wood"]}


def event(kind: str, data: dict[str, Any], second: int = 0) -> Event:
    return Event(str(uuid4()), kind, f"2026-11-23T09:30:{second:02}.000000Z", data)


def product(product_id: int, name: str, kind: str = "updated", second: int = 0) -> Event:
    return event(f"product.{kind}", {"product_id": product_id, "name": name, **BASE}, second)


def confirmed(*product_ids: int) -> Event:
    lines = [{"product_id": product_id, "quantity": 2} for product_id in product_ids]
    order = {"order_id": str(uuid4()), "account_id": str(uuid4()), "lines": lines}
    return event("order.confirmed", order)


async def tell(app: FastAPI, service: str, *events: Event) -> None:
    bus = app.state.bus
    for one in events:
        await bus.redis.xadd(bus.stream(service), one.entry())


async def names(database: Database) -> dict[int, str]:
    async with database.read() as session:
        rows = await session.execute(select(Product.id, Product.name))
        return {row.id: row.name for row in rows}


async def pairs(database: Database) -> dict[tuple[int, int], int]:
    async with database.read() as session:
        rows = await session.execute(
            select(CoPurchase.product_id, CoPurchase.other_id, CoPurchase.count)
        )
        return {(row[0], row[1]): row[2] for row in rows}


async def known(database: Database, expected: dict[int, str]) -> None:
    async def now() -> dict[int, str]:
        return await names(database)

    await eventually(now, lambda found: found == expected)


async def test_newer_news_wins_whenever_it_comes(app: FastAPI, database: Database) -> None:
    await tell(app, "catalog", product(1, "old", "created", 1), product(1, "new", second=3))
    await known(database, {1: "new"})
    last = product(9, "the last", second=1)
    await tell(app, "catalog", product(1, "late", second=2), product(2, "other", second=5))
    await tell(app, "catalog", product(2, "created late", "created", second=4), last)
    await known(database, {1: "new", 2: "other", 9: "the last"})


async def test_what_was_loaded_is_older_than_any_event(app: FastAPI, database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(
            text("INSERT INTO products (id, name, category, price_amount) VALUES (1, 'a', 'b', 1)")
        )
    await tell(app, "catalog", product(1, "told"))
    await known(database, {1: "told"})


async def test_orders_count_pairs_once(app: FastAPI, database: Database) -> None:
    expected: dict[tuple[int, int], int] = {}
    for case in golden("co_purchases")["orders"]:
        order = confirmed(*(line["product_id"] for line in case["lines"]))
        await tell(app, "orders", order, order)
        for left, right in case["pairs"]:
            expected[left, right] = expected.get((left, right), 0) + 1

    async def now() -> dict[tuple[int, int], int]:
        return await pairs(database)

    await eventually(now, lambda found: found == expected)


async def test_events_reach_the_page(app: FastAPI, client: AsyncClient, database: Database) -> None:
    path = "/api/v1/products/1/recommendations"
    assert (await client.get(path)).status_code == 404
    await tell(app, "catalog", product(2, "two", "created"), product(1, "one", "created"))
    await known(database, {1: "one", 2: "two"})
    price = {"amount": 1999, "currency": "EUR"}
    assert (await client.get(path)).json() == {
        "items": [{"id": 2, "name": "two", "price": price, "score": 1.0}],
        "next_cursor": None,
    }
