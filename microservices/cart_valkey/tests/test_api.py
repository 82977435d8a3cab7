import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from fakes import DESK, LAMP, MANY, FakeCatalog
from httpx import AsyncClient

from cart.clients import Product

CART, ITEMS = "/api/v1/cart", "/api/v1/cart/items"
CASES = Path(__file__).parents[3] / "contract" / "cases"
EMPTY = {"lines": [], "total": {"amount": 0, "currency": "EUR"}}

Headers = dict[str, str]


def euros(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


async def put(client: AsyncClient, headers: Headers, product_id: int, quantity: int) -> int:
    body = {"quantity": quantity}
    answer = await client.put(f"{ITEMS}/{product_id}", json=body, headers=headers)
    return answer.status_code


async def test_an_empty_cart_asks_nobody(
    client: AsyncClient, ada: Headers, catalog: FakeCatalog
) -> None:
    answer = await client.get(CART, headers=ada)
    assert (answer.status_code, answer.json()) == (200, EMPTY)
    assert catalog.asked == []


async def test_lines_are_priced_today_and_sorted(
    client: AsyncClient, ada: Headers, catalog: FakeCatalog
) -> None:
    await put(client, ada, DESK, 1)
    await put(client, ada, LAMP, 3)
    catalog.known[LAMP] = Product("Lamp", 2000)

    cart = (await client.get(CART, headers=ada)).json()

    assert cart["lines"] == [
        {
            "product_id": LAMP,
            "name": "Lamp",
            "unit_price": euros(2000),
            "quantity": 3,
            "subtotal": euros(6000),
        },
        {
            "product_id": DESK,
            "name": "Desk",
            "unit_price": euros(15000),
            "quantity": 1,
            "subtotal": euros(15000),
        },
    ]
    assert cart["total"] == euros(21000)


async def test_setting_answers_with_the_cart_and_replaces_the_quantity(
    client: AsyncClient, ada: Headers
) -> None:
    await put(client, ada, LAMP, 3)
    answer = await client.put(f"{ITEMS}/{LAMP}", json={"quantity": 5}, headers=ada)
    assert answer.status_code == 200
    assert answer.json() == (await client.get(CART, headers=ada)).json()
    assert answer.json()["lines"][0]["quantity"] == 5


async def test_one_call_to_the_catalog_however_many_lines(
    client: AsyncClient, ada: Headers, catalog: FakeCatalog
) -> None:
    for product_id in MANY[:10]:
        await put(client, ada, product_id, 1)
    catalog.asked.clear()

    await client.get(CART, headers=ada)
    await put(client, ada, LAMP, 1)

    assert catalog.asked == [list(MANY[:10]), [LAMP, *MANY[:10]]]


@pytest.mark.parametrize("product_id", ["999", "0", "-1", "x", "1.0", "9" * 25, "%00"])
async def test_an_unknown_or_malformed_product_is_not_found(
    client: AsyncClient, ada: Headers, product_id: str
) -> None:
    answer = await client.put(f"{ITEMS}/{product_id}", json={"quantity": 1}, headers=ada)
    assert (answer.status_code, answer.json()["type"]) == (404, "not-found")
    assert (await client.get(CART, headers=ada)).json() == EMPTY


async def test_at_most_fifty_lines(client: AsyncClient, ada: Headers) -> None:
    for product_id in MANY[:50]:
        assert await put(client, ada, product_id, 1) == 200

    answer = await client.put(f"{ITEMS}/{LAMP}", json={"quantity": 1}, headers=ada)

    assert (answer.status_code, answer.json()["type"]) == (422, "cart-full")
    assert await put(client, ada, MANY[0], 9) == 200
    assert await put(client, ada, 999, 1) == 404
    assert len((await client.get(CART, headers=ada)).json()["lines"]) == 50


async def test_fifty_lines_hold_against_requests_at_once(client: AsyncClient, ada: Headers) -> None:
    statuses = await asyncio.gather(*(put(client, ada, product_id, 1) for product_id in MANY))
    assert sorted(statuses) == [200] * 50 + [422] * (len(MANY) - 50)


async def test_removing_and_emptying(client: AsyncClient, ada: Headers) -> None:
    await put(client, ada, LAMP, 1)
    await put(client, ada, DESK, 1)
    for _ in range(2):
        assert (await client.delete(f"{ITEMS}/{LAMP}", headers=ada)).status_code == 204
    [line] = (await client.get(CART, headers=ada)).json()["lines"]
    assert line["product_id"] == DESK
    for _ in range(2):
        assert (await client.delete(CART, headers=ada)).status_code == 204
    assert (await client.get(CART, headers=ada)).json() == EMPTY
    assert (await client.delete(f"{ITEMS}/x", headers=ada)).status_code == 404


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in json.loads((CASES / "validation.json").read_text(encoding="utf-8"))["bodies"]
        if case["operation"] == "setCartItem"
    ],
    ids=lambda case: case["name"],
)
async def test_bodies(client: AsyncClient, ada: Headers, case: dict[str, Any]) -> None:
    answer = await client.put(
        f"{ITEMS}/{LAMP}",
        content=json.dumps(case["body"]),
        headers={**ada, "Content-Type": "application/json"},
    )
    assert answer.json().get("errors", []) == case["errors"]
    assert answer.status_code == (422 if case["errors"] else 200)


async def test_without_the_catalog(client: AsyncClient, ada: Headers, catalog: FakeCatalog) -> None:
    await put(client, ada, LAMP, 1)
    catalog.down = True
    for answer in (
        await client.get(CART, headers=ada),
        await client.put(f"{ITEMS}/{LAMP}", json={"quantity": 2}, headers=ada),
    ):
        assert answer.status_code == 503
        assert answer.json()["type"] == "dependency-unavailable"
        assert answer.headers["retry-after"] == "1"
    assert (await client.delete(CART, headers=ada)).status_code == 204


async def test_a_product_that_the_catalog_forgot_is_left_out(
    client: AsyncClient, ada: Headers, catalog: FakeCatalog, account_id: UUID
) -> None:
    await put(client, ada, LAMP, 1)
    del catalog.known[LAMP]
    assert (await client.get(CART, headers=ada)).json() == EMPTY


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", CART), ("DELETE", CART), ("PUT", f"{ITEMS}/x"), ("DELETE", f"{ITEMS}/x")],
)
async def test_a_token_is_needed_before_anything_else(
    client: AsyncClient, method: str, path: str
) -> None:
    answer = await client.request(method, path, content=b"{")
    assert (answer.status_code, answer.json()["type"]) == (401, "unauthenticated")
