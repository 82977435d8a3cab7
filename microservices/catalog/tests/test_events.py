from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from httpx import AsyncClient
from kit.bus import Event
from kit_testing.apps import eventually

from tests.conftest import golden
from tests.test_products import created


def confirmed(lines: list[dict[str, int]]) -> Event:
    data = {"order_id": str(uuid4()), "account_id": str(uuid4()), "lines": lines}
    return Event(str(uuid4()), "order.confirmed", "2026-11-23T09:30:00.000000Z", data)


async def tell(app: FastAPI, event: Event) -> None:
    bus = app.state.bus
    await bus.redis.xadd(bus.stream("orders"), event.entry())


async def sold(client: AsyncClient) -> dict[str, int]:
    page = (await client.get("/api/v1/products")).json()
    return {str(item["id"]): item["sold"] for item in page["items"] if item["sold"]}


async def test_confirmed_orders_count_as_sold_once(
    app: FastAPI, client: AsyncClient, staff: dict[str, str]
) -> None:
    products = [await created(client, staff) for _ in range(3)]
    expected: dict[str, int] = {}
    for case in golden("co_purchases")["orders"]:
        event = confirmed(case["lines"])
        await tell(app, event)
        await tell(app, event)
        for product_id, units in case["sold"].items():
            expected[product_id] = expected.get(product_id, 0) + units

    async def now() -> dict[str, int]:
        return await sold(client)

    await eventually(now, lambda found: found == expected)
    page: dict[str, Any] = (await client.get("/api/v1/products/1")).json()
    assert page["updated_at"] == products[0]["updated_at"]


async def test_an_order_of_a_product_that_is_gone_holds_nothing_up(
    app: FastAPI, client: AsyncClient, staff: dict[str, str]
) -> None:
    await created(client, staff)
    await tell(app, confirmed([{"product_id": 999, "quantity": 1}]))
    await tell(app, confirmed([{"product_id": 1, "quantity": 2}]))

    async def now() -> dict[str, int]:
        return await sold(client)

    await eventually(now, lambda found: found == {"1": 2})


async def test_writes_reach_the_stream(
    app: FastAPI, client: AsyncClient, staff: dict[str, str]
) -> None:
    product = await created(client, staff, name="Streamed")
    bus = app.state.bus

    async def names() -> list[str]:
        entries = await bus.redis.xrange(bus.stream("catalog"))
        return [Event.of(fields).data["name"] for _, fields in entries]

    assert product["name"] in await eventually(names, lambda found: "Streamed" in found)
