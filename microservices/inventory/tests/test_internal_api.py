from collections.abc import Iterator
from uuid import UUID

import pytest
from httpx import AsyncClient
from kit.db import Database
from kit_testing.tokens import service_headers

from inventory.services import stock_set
from tests.test_api import problem

ORDERS = service_headers("orders", "inventory")
CATALOG = service_headers("catalog", "inventory")


@pytest.fixture(autouse=True)
async def stocked(database: Database) -> None:
    for product_id in (1, 2):
        await stock_set(database, product_id=product_id, on_hand=10)


async def test_availability(client: AsyncClient) -> None:
    body = {"product_ids": [1, 9]}
    answer = await client.post("/internal/stock/availability", json=body, headers=CATALOG)
    assert (answer.status_code, answer.json()) == (200, {"available": {"1": 10, "9": 0}})


async def test_the_life_of_a_reservation(client: AsyncClient, order_ids: Iterator[UUID]) -> None:
    order_id = next(order_ids)
    line = {"product_id": 1, "quantity": 2}
    body = {"order_id": str(order_id), "lines": [line]}
    for _ in range(2):
        answer = await client.post("/internal/reservations", json=body, headers=ORDERS)
        assert (answer.status_code, answer.json()) == (201, {"status": "reserved"})
    for step, status in (("commit", "committed"), ("release", "released")):
        path = f"/internal/reservations/{order_id}/{step}"
        for _ in range(2):
            answer = await client.post(path, headers=ORDERS)
            assert (answer.status_code, answer.json()) == (200, {"status": status})
    answer = await client.post(f"/internal/reservations/{order_id}/commit", headers=ORDERS)
    assert problem(answer) == (409, "reservation-released")


async def test_out_of_stock_names_the_products(
    client: AsyncClient, order_ids: Iterator[UUID]
) -> None:
    lines = [{"product_id": product_id, "quantity": 11} for product_id in (2, 7, 1)]
    body = {"order_id": str(next(order_ids)), "lines": lines}
    answer = await client.post("/internal/reservations", json=body, headers=ORDERS)
    assert problem(answer) == (409, "out-of-stock")
    assert answer.json()["products"] == [1, 2, 7]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (401, "unauthenticated")),
        (service_headers("orders", "catalog"), (401, "unauthenticated")),
        (CATALOG, (403, "forbidden")),
    ],
)
async def test_only_orders_reserve(
    client: AsyncClient, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = await client.post("/internal/reservations", json={}, headers=headers)
    assert problem(answer) == expected


async def test_a_call_that_comes_too_late_is_refused(
    client: AsyncClient, order_ids: Iterator[UUID]
) -> None:
    late = {**ORDERS, "X-Deadline": "1"}
    path = f"/internal/reservations/{next(order_ids)}/release"
    assert problem(await client.post(path, headers=late)) == (503, "dependency-unavailable")
