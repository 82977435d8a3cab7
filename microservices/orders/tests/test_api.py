"""The service over HTTP: answers, headers, order of checks, pages."""

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from audit import audit, expire_leases, rows
from fakes import DESK, LAMP, STOCK, Edge, World
from golden import golden
from httpx import AsyncClient, Response
from kit.db import Database
from kit.errors import DependencyUnavailable
from kit_testing.apps import eventually
from kit_testing.tokens import TokenMaker
from steps import ADDRESS, order_body

ORDERS = "/api/v1/orders"
Headers = dict[str, str]


@pytest.fixture
def mine(ada: UUID, token_maker: TokenMaker) -> Headers:
    return token_maker.headers(ada)


@pytest.fixture
def staff(token_maker: TokenMaker) -> Headers:
    return token_maker.headers(uuid4(), "staff")


async def order(
    client: AsyncClient, headers: Headers, key: str = "k", card: str = "tok_ok"
) -> Response:
    return await client.post(
        ORDERS, json=order_body(card), headers={**headers, "Idempotency-Key": key}
    )


def euros(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


async def test_an_order_is_placed(
    client: AsyncClient, mine: Headers, ada: UUID, world: World
) -> None:
    answer = await order(client, mine)

    placed = answer.json()
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{ORDERS}/{placed['id']}"
    assert "idempotency-replayed" not in answer.headers
    assert placed["created_at"] <= placed["updated_at"]
    assert {key: placed[key] for key in ("status", "rejection", "shipping_address", "total")} == {
        "status": "confirmed",
        "rejection": None,
        "shipping_address": ADDRESS,
        "total": euros(2 * 1999 + 15000),
    }
    assert placed["lines"] == [
        {
            "product_id": LAMP,
            "name": "Lamp",
            "unit_price": euros(1999),
            "quantity": 2,
            "subtotal": euros(3998),
        },
        {
            "product_id": DESK,
            "name": "Desk",
            "unit_price": euros(15000),
            "quantity": 1,
            "subtotal": euros(15000),
        },
    ]
    read = await client.get(answer.headers["location"], headers=mine)
    assert (read.status_code, read.json()) == (200, placed)
    assert not world.cart.lines(ada)


async def test_the_same_key_gets_the_same_bytes(client: AsyncClient, mine: Headers) -> None:
    first, second = await order(client, mine), await order(client, mine)
    assert second.content == first.content
    assert second.status_code == first.status_code
    assert second.headers["location"] == first.headers["location"]
    assert second.headers["idempotency-replayed"] == "true"


async def test_another_customer_may_use_the_same_key(
    client: AsyncClient, mine: Headers, world: World, token_maker: TokenMaker
) -> None:
    eve = uuid4()
    world.cart.fill(eve, {LAMP: 1})
    first, second = await order(client, mine), await order(client, token_maker.headers(eve))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_the_same_key_with_another_body(client: AsyncClient, mine: Headers) -> None:
    await order(client, mine)
    answer = await order(client, mine, card="tok_slow")
    assert (answer.status_code, answer.json()["type"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize(
    ("card", "slug"),
    [
        ("tok_declined", "payment-declined"),
        ("tok_error", "payment-unavailable"),
        ("tok_timeout", "payment-unavailable"),
    ],
)
async def test_a_rejected_payment(
    client: AsyncClient, mine: Headers, world: World, card: str, slug: str
) -> None:
    status = 402 if slug == "payment-declined" else 503
    answer = await order(client, mine, card=card)

    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["status"]) == (status, slug, status)
    kept = (await client.get(f"{ORDERS}/{problem['order_id']}", headers=mine)).json()
    assert (kept["status"], kept["rejection"]) == ("rejected", slug)
    assert world.inventory.on_hand == {LAMP: STOCK, DESK: STOCK}
    assert world.inventory.reserved(LAMP) == 0
    replay = await order(client, mine, card=card)
    assert (replay.status_code, replay.content) == (status, answer.content)
    assert replay.headers["idempotency-replayed"] == "true"


async def test_out_of_stock_names_the_products(
    client: AsyncClient, mine: Headers, ada: UUID, world: World
) -> None:
    world.cart.fill(ada, {DESK: STOCK + 1, LAMP: STOCK + 1})

    answer = await order(client, mine)

    problem = answer.json()
    order_id = problem.pop("order_id")
    assert answer.status_code == 409
    assert problem == {
        "type": "out-of-stock",
        "title": "Out of stock",
        "status": 409,
        "detail": "Not all products are available in the quantity ordered.",
        "products": [LAMP, DESK],
    }
    assert world.cart.lines(ada)
    assert world.payments.payments == {}
    kept = (await client.get(f"{ORDERS}/{order_id}", headers=mine)).json()
    assert (kept["status"], kept["rejection"]) == ("rejected", "out-of-stock")


async def test_an_empty_cart(client: AsyncClient, mine: Headers, ada: UUID, world: World) -> None:
    world.cart.fill(ada, {})
    for replayed in (False, True):
        answer = await order(client, mine)
        assert (answer.status_code, answer.json()["type"]) == (422, "cart-empty")
        assert ("idempotency-replayed" in answer.headers) is replayed
    assert (await client.get(ORDERS, headers=mine)).json()["items"] == []


async def test_an_unsettled_order_is_settled_by_the_service_itself(
    client: AsyncClient, mine: Headers, world: World, database: Database
) -> None:
    world.fail_once("payments.capture", Edge.AFTER, DependencyUnavailable)
    answer = await order(client, mine)
    assert (answer.status_code, answer.json()["type"]) == (503, "order-unsettled")
    assert answer.headers["retry-after"] == "5"
    busy = await order(client, mine)
    assert (busy.status_code, busy.json()["type"]) == (409, "idempotency-key-in-use")
    assert busy.headers["retry-after"] == "1"
    await expire_leases(database)

    replay = await eventually(
        lambda: order(client, mine), lambda reply: reply.status_code != 409, seconds=15
    )

    assert replay.status_code == 201
    assert replay.json()["id"] == answer.json()["order_id"]
    await audit(database, world)


async def test_nothing_to_order_from(client: AsyncClient, mine: Headers, world: World) -> None:
    world.take_down("cart")
    answer = await order(client, mine)
    assert (answer.status_code, answer.json()["type"]) == (503, "dependency-unavailable")
    world.bring_up()
    assert (await order(client, mine)).status_code == 201


@pytest.mark.parametrize(
    "case",
    [case for case in golden("validation")["bodies"] if case["operation"] == "createOrder"],
    ids=lambda case: case["name"],
)
async def test_bodies(client: AsyncClient, mine: Headers, case: dict[str, Any]) -> None:
    headers = {**mine, "Idempotency-Key": "k", "Content-Type": "application/json"}
    answer = await client.post(ORDERS, content=json.dumps(case["body"]), headers=headers)
    assert answer.json().get("errors", []) == case["errors"]
    assert (answer.status_code == 422) == bool(case["errors"])


@pytest.mark.parametrize(
    "case",
    [case for case in golden("queries")["queries"] if case["operation"] == "listOrders"],
    ids=lambda case: case["name"],
)
async def test_queries(client: AsyncClient, mine: Headers, case: dict[str, Any]) -> None:
    params = [(name, value) for name, value in case["params"]]
    answer = await client.get(ORDERS, params=params, headers=mine)
    assert answer.json().get("errors", []) == case["errors"]
    assert answer.status_code == (422 if case["errors"] else 200)


async def test_the_order_of_checks(client: AsyncClient, mine: Headers) -> None:
    async def status(headers: Headers, content: bytes) -> tuple[int, str]:
        answer = await client.post(ORDERS, content=content, headers=headers)
        return answer.status_code, answer.json()["type"]

    json_type = {"Content-Type": "application/json"}
    key = {"Idempotency-Key": "k"}
    assert await status({}, b"{") == (401, "unauthenticated")
    assert await status(mine, b"{") == (400, "idempotency-key-missing")
    assert await status({**mine, **key}, b"{") == (415, "unsupported-media-type")
    assert await status({**mine, **key, **json_type}, b"{") == (400, "malformed-json")
    assert await status({**mine, **key, **json_type}, b"{}") == (422, "validation-failed")


async def test_a_key_that_is_too_long(client: AsyncClient, mine: Headers) -> None:
    answer = await order(client, mine, key="x" * 201)
    message = {"field": "Idempotency-Key", "message": "must have at most 200 characters"}
    assert (answer.status_code, answer.json()["errors"]) == (422, [message])
    assert (await order(client, mine, key="x" * 200)).status_code == 201


async def test_pages_newest_first(
    client: AsyncClient, mine: Headers, ada: UUID, world: World
) -> None:
    placed = []
    for number in range(5):
        world.cart.fill(ada, {LAMP: 1})
        placed.append((await order(client, mine, key=str(number))).json())
    newest = [
        {key: each[key] for key in ("id", "status", "total", "created_at")}
        for each in reversed(placed)
    ]

    seen: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get(ORDERS, params={"limit": 2, **cursor}, headers=mine)).json()
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert seen == newest
    assert (await client.get(ORDERS, headers=mine)).json()["items"] == newest
    bad = await client.get(ORDERS, params={"cursor": "x"}, headers=mine)
    assert bad.json()["errors"] == [{"field": "cursor", "message": "is not valid"}]


async def test_cancel_refunds_and_restocks(
    client: AsyncClient, mine: Headers, world: World, database: Database
) -> None:
    placed = (await order(client, mine)).json()
    path = f"{ORDERS}/{placed['id']}"

    answer = await client.post(f"{path}/cancel", headers=mine)

    cancelled = answer.json()
    assert answer.status_code == 200
    assert cancelled == {
        **placed,
        "status": "cancelled",
        "updated_at": cancelled["updated_at"],
    }
    assert cancelled["updated_at"] > placed["updated_at"]
    assert world.inventory.on_hand == {LAMP: STOCK, DESK: STOCK}
    again = await client.post(f"{path}/cancel", headers=mine)
    assert (again.status_code, again.json()["type"]) == (409, "order-not-confirmed")
    replay = await order(client, mine)
    assert replay.json() == placed
    await audit(database, world)


async def test_ship_is_for_staff_and_for_anyones_order(
    client: AsyncClient, mine: Headers, staff: Headers
) -> None:
    path = (await order(client, mine)).headers["location"]
    assert (await client.post(f"{path}/ship", headers=mine)).status_code == 403

    answer = await client.post(f"{path}/ship", headers=staff)

    assert (answer.status_code, answer.json()["status"]) == (200, "shipped")
    for refused in (
        await client.post(f"{path}/ship", headers=staff),
        await client.post(f"{path}/cancel", headers=mine),
    ):
        assert (refused.status_code, refused.json()["type"]) == (409, "order-not-confirmed")


async def test_another_customers_order_does_not_exist(
    client: AsyncClient, mine: Headers, staff: Headers
) -> None:
    path = (await order(client, mine)).headers["location"]
    for answer in (
        await client.get(path, headers=staff),
        await client.post(f"{path}/cancel", headers=staff),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found")
    assert (await client.get(ORDERS, headers=staff)).json()["items"] == []


@pytest.mark.parametrize("order_id", [str(uuid4()), "x", "1"])
async def test_unknown_orders(
    client: AsyncClient, mine: Headers, staff: Headers, order_id: str
) -> None:
    for answer in (
        await client.get(f"{ORDERS}/{order_id}", headers=mine),
        await client.post(f"{ORDERS}/{order_id}/cancel", headers=mine),
        await client.post(f"{ORDERS}/{order_id}/ship", headers=staff),
    ):
        assert (answer.status_code, answer.json()["type"]) == (404, "not-found")


async def test_events_are_told_once(
    client: AsyncClient, mine: Headers, staff: Headers, ada: UUID, database: Database
) -> None:
    placed = (await order(client, mine)).json()
    await client.post(f"{ORDERS}/{placed['id']}/ship", headers=staff)

    events = await rows(database, "SELECT type, data FROM outbox ORDER BY seq")

    about = {"order_id": placed["id"], "account_id": str(ada)}
    lines = [{"product_id": LAMP, "quantity": 2}, {"product_id": DESK, "quantity": 1}]
    assert [(event.type, event.data) for event in events] == [
        ("order.confirmed", {**about, "lines": lines}),
        ("order.shipped", about),
    ]


async def test_the_same_key_at_once(client: AsyncClient, mine: Headers) -> None:
    answers = await asyncio.gather(*(order(client, mine) for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    first = [
        answer
        for answer in answers
        if answer.status_code == 201 and "idempotency-replayed" not in answer.headers
    ]
    assert len(first) == 1
