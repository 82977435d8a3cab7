"""One product: its page, and what staff write."""

from typing import Any

import pytest
from httpx import AsyncClient, Response
from kit.db import Database
from sqlalchemy import text

from tests.conftest import FakeStock, golden, sent

DESK = {
    "name": "Walnut desk",
    "description": "Solid.",
    "category": "desks",
    "price": {"amount": 1999, "currency": "EUR"},
    "tags": ["wood", "office"],
}


async def created(client: AsyncClient, staff: dict[str, str], **changes: Any) -> dict[str, Any]:
    answer = await client.post("/api/v1/products", json={**DESK, **changes}, headers=staff)
    assert answer.status_code == 201, answer.text
    product: dict[str, Any] = answer.json()
    return product


async def told(database: Database) -> list[tuple[str, dict[str, Any]]]:
    """The events in the outbox, in order."""
    async with database.read() as session:
        rows = await session.execute(text("SELECT type, data FROM outbox ORDER BY seq"))
        return [(str(row.type), dict(row.data)) for row in rows]


def problem(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"]


async def test_create(client: AsyncClient, staff: dict[str, str], stock: FakeStock) -> None:
    stock.units[1] = 3
    answer = await client.post("/api/v1/products", json=DESK, headers=staff)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/api/v1/products/1"
    product = answer.json()
    assert product["created_at"] == product["updated_at"]
    moments = {"created_at": product["created_at"], "updated_at": product["updated_at"]}
    assert product == {"id": 1, **DESK, "sold": 0, "available": 3, **moments}
    assert (await client.get("/api/v1/products/1")).json() == product


async def test_what_is_left_out_has_defaults(client: AsyncClient, staff: dict[str, str]) -> None:
    body = {key: DESK[key] for key in ("name", "category", "price")}
    answer = await client.post("/api/v1/products", json=body, headers=staff)
    assert answer.json()["description"] == ""
    assert answer.json()["tags"] == []


async def test_the_page_lives_without_inventory(
    client: AsyncClient, staff: dict[str, str], stock: FakeStock
) -> None:
    product = await created(client, staff)
    assert product["available"] == 0
    stock.reachable = False
    answer = await client.get(f"/api/v1/products/{product['id']}")
    assert answer.status_code == 200
    assert answer.json()["available"] is None


@pytest.mark.parametrize(
    "product_id", ["2", "0", "-1", "x", "1.0", "9223372036854775808", "9" * 30, "%31%20", "1e0"]
)
async def test_unknown_products(
    client: AsyncClient, staff: dict[str, str], product_id: str
) -> None:
    await created(client, staff)
    assert problem(await client.get(f"/api/v1/products/{product_id}")) == (404, "not-found")
    answer = await client.patch(f"/api/v1/products/{product_id}", json={}, headers=staff)
    assert problem(answer) == (404, "not-found")


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Oak desk"},
        {"description": ""},
        {"category": "lamps"},
        {"price": {"amount": 1, "currency": "EUR"}},
        {"tags": []},
        {"name": "N", "tags": ["t"], "price": {"amount": 0, "currency": "EUR"}},
    ],
)
async def test_update(client: AsyncClient, staff: dict[str, str], changes: dict[str, Any]) -> None:
    product = await created(client, staff)
    answer = await client.patch("/api/v1/products/1", json=changes, headers=staff)
    assert answer.status_code == 200
    updated = answer.json()
    assert updated["updated_at"] > product["updated_at"]
    assert updated == {**product, **changes, "updated_at": updated["updated_at"]}
    assert (await client.get("/api/v1/products/1")).json() == updated


async def test_an_updated_product_is_found_by_its_new_words(
    client: AsyncClient, staff: dict[str, str]
) -> None:
    await created(client, staff)
    await client.patch("/api/v1/products/1", json={"name": "Teak shelf"}, headers=staff)
    for search, count in (("teak", 1), ("walnut", 0), ("solid", 1)):
        page = (await client.get("/api/v1/products", params={"search": search})).json()
        assert len(page["items"]) == count, search


async def test_writes_are_told(
    client: AsyncClient, staff: dict[str, str], database: Database
) -> None:
    before = len(await told(database))
    await created(client, staff)
    await client.patch("/api/v1/products/1", json={"category": "lamps"}, headers=staff)
    await client.patch("/api/v1/products/2", json={"category": "lamps"}, headers=staff)
    data = {
        "product_id": 1,
        "name": "Walnut desk",
        "category": "desks",
        "price_amount": 1999,
        "tags": ["wood", "office"],
    }
    assert (await told(database))[before:] == [
        ("product.created", data),
        ("product.updated", {**data, "category": "lamps"}),
    ]


@pytest.mark.parametrize(("method", "path"), [("POST", "products"), ("PATCH", "products/1")])
async def test_only_staff_write(
    client: AsyncClient, customer: dict[str, str], method: str, path: str
) -> None:
    garbage = {"content": b"{", "headers": {"Content-Type": "text/plain"}}
    answer = await client.request(method, f"/api/v1/{path}", **garbage)  # type: ignore[arg-type]
    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    answer = await client.request(method, f"/api/v1/{path}", json=DESK, headers=customer)
    assert problem(answer) == (403, "forbidden")


async def test_bodies_that_cannot_be_read(client: AsyncClient, staff: dict[str, str]) -> None:
    form = {**staff, "Content-Type": "application/x-www-form-urlencoded"}
    answer = await client.post("/api/v1/products", content=b"a=b", headers=form)
    assert problem(answer) == (415, "unsupported-media-type")
    typed = {**staff, "Content-Type": "application/json; charset=utf-8"}
    for content in (b"", b"{", b'{"name": NaN}', b'"\\ud800"', b"\xff"):
        answer = await client.post("/api/v1/products", content=content, headers=typed)
        assert problem(answer) == (400, "malformed-json")


def bodies(operation: str) -> list[dict[str, Any]]:
    return [case for case in golden("validation")["bodies"] if case["operation"] == operation]


def known(body: Any) -> Any:
    if isinstance(body, dict) and body.get("category") == "<category>":
        return {**body, "category": "desks"}
    return body


@pytest.mark.parametrize("case", bodies("createProduct"), ids=lambda case: case["name"])
async def test_bodies_of_the_contract(
    client: AsyncClient, staff: dict[str, str], case: dict[str, Any]
) -> None:
    answer = await client.post("/api/v1/products", **sent(known(case["body"]), staff))
    assert answer.status_code == (422 if case["errors"] else 201), answer.text
    assert answer.json().get("errors", []) == case["errors"]


@pytest.mark.parametrize("case", bodies("updateProduct"), ids=lambda case: case["name"])
async def test_changes_of_the_contract(
    client: AsyncClient, staff: dict[str, str], case: dict[str, Any]
) -> None:
    await created(client, staff)
    answer = await client.patch("/api/v1/products/1", **sent(known(case["body"]), staff))
    assert answer.status_code == (422 if case["errors"] else 200), answer.text
    assert answer.json().get("errors", []) == case["errors"]


async def test_other_methods(client: AsyncClient) -> None:
    answer = await client.delete("/api/v1/products/1")
    assert problem(answer) == (405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, PATCH"
    assert (await client.head("/api/v1/products")).status_code == 405
    assert problem(await client.get("/api/v1/products/")) == (404, "not-found")
