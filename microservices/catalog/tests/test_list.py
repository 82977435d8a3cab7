"""The product list: what is in it, in which order, page by page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient
from kit.db import Database
from sqlalchemy import insert

from catalog.models import Product
from tests.conftest import golden

START = datetime(2026, 1, 1, tzinfo=UTC)
ROWS = [
    # name, category, price, sold, hours
    ("Walnut desk", "desks", 1999, 5, 0),
    ("Oak desk", "desks", 999, 5, 1),
    ("Oak desk", "desks", 999, 0, 1),
    ("Steel lamp", "lamps", 0, 7, 2),
    ("Blue lamp for desks", "lamps", 999, 0, 3),
]
ORDERS = {
    "name": [5, 2, 3, 4, 1],
    "price": [4, 2, 3, 5, 1],
    "-price": [1, 5, 3, 2, 4],
    "newest": [5, 4, 3, 2, 1],
    "bestselling": [4, 2, 1, 5, 3],
}


@pytest.fixture
async def shop(client: AsyncClient, database: Database) -> AsyncClient:
    async with database.transaction() as session:
        for name, category, price, sold, hours in ROWS:
            await session.execute(
                insert(Product).values(
                    name=name,
                    category=category,
                    price_amount=price,
                    sold=sold,
                    created_at=START + timedelta(hours=hours),
                    description="a lamp of steel" if name == "Oak desk" else "",
                )
            )
    return client


async def ids(client: AsyncClient, **params: Any) -> list[int]:
    answer = await client.get("/api/v1/products", params=params)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


@pytest.mark.parametrize("sort", ORDERS)
async def test_order(shop: AsyncClient, sort: str) -> None:
    assert await ids(shop, sort=sort) == ORDERS[sort]


@pytest.mark.parametrize("limit", [1, 2, 3, 5])
@pytest.mark.parametrize("sort", ORDERS)
@pytest.mark.parametrize("search", [{}, {"search": "desk or lamp"}])
async def test_pages_join_without_gaps(
    shop: AsyncClient, sort: str, limit: int, search: dict[str, str]
) -> None:
    found: list[int] = []
    params: dict[str, Any] = {"sort": sort, "limit": limit, **search}
    while True:
        page = (await shop.get("/api/v1/products", params=params)).json()
        found += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        params["cursor"] = page["next_cursor"]
    assert found == ORDERS[sort]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"category": "desks"}, [2, 3, 1]),
        ({"category": "nowhere"}, []),
        ({"min_price": 999}, [5, 2, 3, 1]),
        ({"max_price": 999}, [5, 2, 3, 4]),
        ({"min_price": 999, "max_price": 999, "category": "lamps"}, [5]),
        ({"min_price": 10, "max_price": 5}, []),
        ({"search": "lamp"}, [5, 2, 3, 4]),
        ({"search": "LAMPS"}, [5, 2, 3, 4]),
        ({"search": '"oak desk"'}, [2, 3]),
        ({"search": "desk -oak"}, [5, 1]),
        ({"search": "walnut or blue"}, [5, 1]),
        ({"search": "the"}, []),
        ({"search": "lamp", "category": "desks", "max_price": 999}, [2, 3]),
    ],
)
async def test_filters(shop: AsyncClient, filters: dict[str, Any], expected: list[int]) -> None:
    assert await ids(shop, **filters) == expected


async def test_an_item_shows_what_the_contract_says(shop: AsyncClient) -> None:
    answer = await shop.get("/api/v1/products", params={"limit": 1, "sort": "-price"})
    assert answer.headers["content-type"] == "application/json"
    [item] = answer.json()["items"]
    assert item == {
        "id": 1,
        "name": "Walnut desk",
        "category": "desks",
        "price": {"amount": 1999, "currency": "EUR"},
        "sold": 5,
        "created_at": "2026-01-01T00:00:00.000000Z",
    }


async def test_authorization_is_ignored(shop: AsyncClient) -> None:
    answer = await shop.get("/api/v1/products", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "case",
    [case for case in golden("queries")["queries"] if case["operation"] == "listProducts"],
    ids=lambda case: case["name"],
)
async def test_queries_of_the_contract(shop: AsyncClient, case: dict[str, Any]) -> None:
    params = [tuple(pair) for pair in case["params"]]
    answer = await shop.get("/api/v1/products", params=params)
    if case["errors"]:
        assert answer.status_code == 422
        assert answer.json()["errors"] == case["errors"]
    else:
        assert answer.status_code == 200, answer.text


CURSORS = golden("cursor")


@pytest.mark.parametrize(
    "case",
    [case for case in CURSORS["valid"] if case["id_type"] == "integer"],
    ids=lambda case: case["cursor"],
)
async def test_cursors_of_the_contract(shop: AsyncClient, case: dict[str, Any]) -> None:
    params = {"sort": case["sort"], "cursor": case["cursor"]}
    assert (await shop.get("/api/v1/products", params=params)).status_code == 200


@pytest.mark.parametrize(
    "case",
    [case for case in CURSORS["invalid"] if case["id_type"] == "integer"],
    ids=lambda case: case["name"],
)
async def test_bad_cursors_of_the_contract(shop: AsyncClient, case: dict[str, Any]) -> None:
    params = {"sort": case["sort"], "cursor": case["cursor"]}
    answer = await shop.get("/api/v1/products", params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"field": "cursor", "message": CURSORS["message"]}]


async def test_a_cursor_survives_the_product_it_names(shop: AsyncClient) -> None:
    page = (await shop.get("/api/v1/products", params={"limit": 2})).json()
    assert await ids(shop, cursor=page["next_cursor"], category="lamps") == [4]


async def test_categories_with_their_counts(shop: AsyncClient) -> None:
    assert (await shop.get("/api/v1/categories")).json() == {
        "items": [
            {"slug": "desks", "name": "Desks", "product_count": 3},
            {"slug": "lamps", "name": "Lamps", "product_count": 2},
        ],
        "next_cursor": None,
    }


async def test_an_empty_category_counts_none(client: AsyncClient) -> None:
    items = (await client.get("/api/v1/categories")).json()["items"]
    assert [item["product_count"] for item in items] == [0, 0]
