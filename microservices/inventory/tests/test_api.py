from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response
from kit.db import Database

from inventory.services import stock_reserve
from tests.conftest import golden, sent

PATH = "/api/v1/inventory/7"


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]


async def test_set_and_get(client: AsyncClient, staff: dict[str, str]) -> None:
    assert problem(await client.get(PATH, headers=staff)) == (404, "not-found")
    for on_hand in (5, 0, 1_000_000_000):
        level = {"product_id": 7, "on_hand": on_hand, "reserved": 0, "available": on_hand}
        answer = await client.put(PATH, json={"on_hand": on_hand}, headers=staff)
        assert (answer.status_code, answer.json()) == (200, level)
        assert (await client.get(PATH, headers=staff)).json() == level


async def test_not_below_what_is_reserved(
    client: AsyncClient, staff: dict[str, str], database: Database, order_ids: Iterator[UUID]
) -> None:
    await client.put(PATH, json={"on_hand": 5}, headers=staff)
    await stock_reserve(database, order_id=next(order_ids), lines={7: 3})
    answer = await client.put(PATH, json={"on_hand": 2}, headers=staff)
    assert problem(answer) == (409, "on-hand-below-reserved")
    level = {"product_id": 7, "on_hand": 3, "reserved": 3, "available": 0}
    assert (await client.put(PATH, json={"on_hand": 3}, headers=staff)).json() == level


@pytest.mark.parametrize("product_id", ["0", "-1", "x", "9223372036854775808", "1.0"])
async def test_ids_that_cannot_be(
    client: AsyncClient, staff: dict[str, str], product_id: str
) -> None:
    path = f"/api/v1/inventory/{product_id}"
    assert problem(await client.get(path, headers=staff)) == (404, "not-found")
    answer = await client.put(path, json={"on_hand": 1}, headers=staff)
    assert problem(answer) == (404, "not-found")


async def test_only_for_staff(client: AsyncClient, customer: dict[str, str]) -> None:
    for method in ("GET", "PUT"):
        assert problem(await client.request(method, PATH)) == (401, "unauthenticated")
        answer = await client.request(method, PATH, headers=customer)
        assert problem(answer) == (403, "forbidden")


BODIES = [case for case in golden("validation")["bodies"] if case["operation"] == "setInventory"]


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case["name"])
async def test_bodies_of_the_contract(
    client: AsyncClient, staff: dict[str, str], case: dict[str, Any]
) -> None:
    answer = await client.put(PATH, **sent(case["body"], staff))
    assert answer.status_code == (422 if case["errors"] else 200), answer.text
    assert answer.json().get("errors", []) == case["errors"]


async def test_other_methods(client: AsyncClient) -> None:
    answer = await client.delete(PATH)
    assert problem(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PUT"
