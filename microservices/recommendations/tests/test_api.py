from typing import Any

import pytest
from httpx import AsyncClient
from kit.db import Database

from tests.conftest import golden
from tests.test_selectors import know

PATH = "/api/v1/products/1/recommendations"
QUERIES = [c for c in golden("queries")["queries"] if c["operation"] == "getRecommendations"]


@pytest.fixture(autouse=True)
async def shop(database: Database) -> None:
    alike = {"category": "here", "price_amount": 5, "tags": ["t"]}
    await know(database, [{"id": product_id, **alike} for product_id in range(1, 30)], [])


@pytest.mark.parametrize(("params", "count"), [({}, 5), ({"limit": 1}, 1), ({"limit": 20}, 20)])
async def test_limit(client: AsyncClient, params: dict[str, int], count: int) -> None:
    body = (await client.get(PATH, params=params)).json()
    assert [item["id"] for item in body["items"]] == list(range(2, 2 + count))
    assert body["next_cursor"] is None


@pytest.mark.parametrize("case", QUERIES, ids=lambda case: case["name"])
async def test_queries_of_the_contract(client: AsyncClient, case: dict[str, Any]) -> None:
    answer = await client.get(PATH, params=[tuple(pair) for pair in case["params"]])
    assert answer.status_code == (422 if case["errors"] else 200), answer.text
    assert answer.json().get("errors", []) == case["errors"]


@pytest.mark.parametrize("product_id", ["99", "0", "-1", "x", "9223372036854775808"])
async def test_unknown_products(client: AsyncClient, product_id: str) -> None:
    answer = await client.get(f"/api/v1/products/{product_id}/recommendations")
    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


async def test_other_methods(client: AsyncClient) -> None:
    answer = await client.post(PATH)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
