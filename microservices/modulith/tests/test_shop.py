"""A purchase from end to end, with nothing on the network."""

from uuid import UUID, uuid4

import pytest
from conftest import DESK, LAMP
from fakes import FakeAcquirer
from httpx import AsyncClient
from kit.json import Json
from kit_testing.apps import eventually

PASSWORD = "correct horse battery staple"
ADDRESS = {
    "name": "Ada",
    "street": "1 Main Street",
    "city": "Berlin",
    "postal_code": "10115",
    "country": "DE",
}


@pytest.fixture
async def ada(client: AsyncClient) -> AsyncClient:
    """A customer of her own, logged in, with two lamps and a desk in her cart."""
    email = f"{uuid4()}@shop.example"
    body = {"email": email, "password": PASSWORD, "name": "Ada"}
    assert (await client.post("/api/v1/accounts", json=body)).status_code == 201
    answer = await client.post("/api/v1/sessions", json={"email": email, "password": PASSWORD})
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    for product_id, quantity in ((LAMP, 2), (DESK, 1)):
        line = {"quantity": quantity}
        answer = await client.put(f"/api/v1/cart/items/{product_id}", json=line)
        assert answer.status_code == 200
    return client


async def checkout(client: AsyncClient, payment: str = "tok_ok") -> tuple[int, Json]:
    body = {"payment_token": payment, "shipping_address": ADDRESS}
    answer = await client.post(
        "/api/v1/orders", json=body, headers={"Idempotency-Key": str(uuid4())}
    )
    return answer.status_code, answer.json()


async def stock(client: AsyncClient, product_id: int) -> int:
    return int((await client.get(f"/api/v1/products/{product_id}")).json()["available"])


async def test_an_order_is_placed_paid_and_told_of(
    ada: AsyncClient, acquirer: FakeAcquirer
) -> None:
    status, order = await checkout(ada)
    assert (status, order["status"], order["total"]["amount"]) == (201, "confirmed", 18998)
    assert acquirer.asked[UUID(order["id"])] == 18998
    assert UUID(order["id"]) in acquirer.captured
    payment = (await ada.get(f"/api/v1/payments/{order['id']}")).json()
    assert payment["status"] == "captured"
    assert (await ada.get("/api/v1/cart")).json()["lines"] == []
    assert (await stock(ada, LAMP), await stock(ada, DESK)) == (98, 99)

    async def kinds() -> list[str]:
        items = (await ada.get("/api/v1/notifications")).json()["items"]
        return sorted(item["kind"] for item in items)

    await eventually(kinds, lambda found: found == ["order-confirmed", "welcome"])
    answer = await ada.post(f"/api/v1/orders/{order['id']}/cancel")
    assert answer.json()["status"] == "cancelled"
    await eventually(kinds, lambda found: "order-cancelled" in found)
    assert (await stock(ada, LAMP), await stock(ada, DESK)) == (100, 100)
    assert UUID(order["id"]) not in acquirer.captured


async def test_a_rejected_order_leaves_no_trace(ada: AsyncClient) -> None:
    status, problem = await checkout(ada, "tok_declined")
    assert (status, problem["type"]) == (402, "payment-declined")
    assert (await stock(ada, LAMP), await stock(ada, DESK)) == (100, 100)
    assert len((await ada.get("/api/v1/cart")).json()["lines"]) == 2


async def test_an_order_without_an_acquirer(ada: AsyncClient, acquirer: FakeAcquirer) -> None:
    acquirer.reachable = False
    status, problem = await checkout(ada)
    assert (status, problem["type"]) == (503, "payment-unavailable")
    acquirer.reachable = True

    async def available() -> int:
        return await stock(ada, LAMP)

    await eventually(available, lambda units: units == 100)
