from uuid import UUID, uuid4

import pytest
from fakes import DESK, LAMP
from httpx import AsyncClient
from kit_testing.tokens import service_headers

ITEMS = "/api/v1/cart/items"
ORDERS = service_headers("orders", "cart")

Headers = dict[str, str]


@pytest.fixture
def path(account_id: UUID) -> str:
    return f"/internal/carts/{account_id}"


async def put(client: AsyncClient, headers: Headers, product_id: int) -> None:
    body = {"quantity": 2}
    answer = await client.put(f"{ITEMS}/{product_id}", json=body, headers=headers)
    assert answer.status_code == 200


async def test_the_snapshot_has_lines_and_their_version(
    client: AsyncClient, ada: Headers, path: str
) -> None:
    await put(client, ada, DESK)
    await put(client, ada, LAMP)
    answer = await client.get(path, headers=ORDERS)
    assert answer.json() == {
        "version": 2,
        "lines": [{"product_id": LAMP, "quantity": 2}, {"product_id": DESK, "quantity": 2}],
    }


async def test_an_unknown_cart_is_empty(client: AsyncClient) -> None:
    answer = await client.get(f"/internal/carts/{uuid4()}", headers=ORDERS)
    assert answer.json() == {"version": 0, "lines": []}


async def test_clearing_is_for_one_version_only(
    client: AsyncClient, ada: Headers, path: str
) -> None:
    await put(client, ada, LAMP)
    seen = (await client.get(path, headers=ORDERS)).json()["version"]
    await put(client, ada, DESK)

    stale = await client.post(f"{path}/clear", json={"version": seen}, headers=ORDERS)
    assert stale.status_code == 204
    now = (await client.get(path, headers=ORDERS)).json()
    assert len(now["lines"]) == 2

    for _ in range(2):
        cleared = await client.post(
            f"{path}/clear", json={"version": now["version"]}, headers=ORDERS
        )
        assert cleared.status_code == 204
    assert (await client.get(path, headers=ORDERS)).json()["lines"] == []


async def test_a_cleared_cart_never_has_an_old_version_again(
    client: AsyncClient, ada: Headers, path: str
) -> None:
    await put(client, ada, LAMP)
    seen = (await client.get(path, headers=ORDERS)).json()["version"]
    await client.delete("/api/v1/cart", headers=ada)
    await put(client, ada, LAMP)

    await client.post(f"{path}/clear", json={"version": seen}, headers=ORDERS)

    assert (await client.get(path, headers=ORDERS)).json()["lines"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (service_headers("catalog", "cart"), 403),
        (service_headers("orders", "payments"), 401),
    ],
)
async def test_only_orders_may_ask(
    client: AsyncClient, ada: Headers, path: str, headers: Headers, status: int
) -> None:
    assert (await client.get(path, headers=headers)).status_code == status
    assert (await client.get(path, headers=ada)).status_code == 401
