"""From events on the bus to a customer's inbox."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from kit.bus import Event
from kit.json import rfc3339
from kit_testing.apps import eventually
from kit_testing.tokens import TokenMaker

from tests.conftest import cases

URL = "/api/v1/notifications"


@pytest.fixture
def account_id() -> UUID:
    return uuid4()


class Publisher:
    """Stands for the other services on the bus."""

    def __init__(self, app: FastAPI) -> None:
        self._bus = app.state.bus

    async def send(self, service: str, kind: str, data: dict[str, Any]) -> Event:
        event = Event(str(uuid4()), kind, rfc3339(datetime.now(UTC)), data)
        await self.again(service, event)
        return event

    async def again(self, service: str, event: Event) -> None:
        await self._bus.redis.xadd(self._bus.stream(service), event.entry())

    async def order(self, change: str, account_id: UUID, order_id: UUID) -> Event:
        data: dict[str, Any] = {"order_id": str(order_id), "account_id": str(account_id)}
        if change == "confirmed":
            data["lines"] = [{"product_id": 1, "quantity": 2}]
        return await self.send("orders", f"order.{change}", data)

    async def finished(self) -> bool:
        """Whether everything sent so far has had its effect."""
        for service in ("accounts", "orders"):
            for group in await self._bus.redis.xinfo_groups(self._bus.stream(service)):
                if group["pending"] or group["lag"] != 0:
                    return False
        return True


@pytest.fixture
def publisher(app: FastAPI, client: AsyncClient) -> Publisher:
    return Publisher(app)


class Inbox:
    """A customer's view."""

    def __init__(self, client: AsyncClient, headers: dict[str, str]) -> None:
        self._client, self._headers = client, headers

    async def page(self, **params: str | int) -> dict[str, Any]:
        response = await self._client.get(URL, headers=self._headers, params=params)
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def items(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = (await self.page(limit=100))["items"]
        return items

    async def holding(self, count: int) -> list[dict[str, Any]]:
        return await eventually(self.items, lambda items: len(items) >= count)


@pytest.fixture
def inbox(client: AsyncClient, token_maker: TokenMaker, account_id: UUID) -> Inbox:
    return Inbox(client, token_maker.headers(account_id))


async def test_a_welcome(publisher: Publisher, inbox: Inbox, account_id: UUID) -> None:
    data = {"account_id": str(account_id), "email": "ada@example.com", "name": "Ada"}
    await publisher.send("accounts", "account.created", data)
    [item] = await inbox.holding(1)
    assert list(item) == ["id", "kind", "subject", "body", "order_id", "created_at"]
    assert (item["kind"], item["order_id"]) == ("welcome", None)
    assert item["body"] == "Hello Ada, your account is ready."


async def test_the_story_of_an_order(publisher: Publisher, inbox: Inbox, account_id: UUID) -> None:
    order_id = uuid4()
    for number, change in enumerate(("confirmed", "shipped", "cancelled"), 1):
        await publisher.order(change, account_id, order_id)
        await inbox.holding(number)
    items = await inbox.items()
    assert [item["kind"] for item in items] == [
        "order-cancelled",
        "order-shipped",
        "order-confirmed",
    ]
    assert {item["order_id"] for item in items} == {str(order_id)}


async def test_one_of_each_kind_per_order(
    publisher: Publisher, inbox: Inbox, account_id: UUID
) -> None:
    order_id = uuid4()
    event = await publisher.order("confirmed", account_id, order_id)
    await publisher.again("orders", event)
    # Even two events that say the same, which the inbox cannot recognise.
    await publisher.order("confirmed", account_id, order_id)
    welcome = {"account_id": str(account_id), "email": "ada@example.com", "name": "Ada"}
    for _ in range(2):
        await publisher.send("accounts", "account.created", welcome)
    await eventually(publisher.finished)
    kinds = sorted(item["kind"] for item in await inbox.items())
    assert kinds == ["order-confirmed", "welcome"]


async def test_pages_newest_first(publisher: Publisher, inbox: Inbox, account_id: UUID) -> None:
    for _ in range(5):
        await publisher.order("confirmed", account_id, uuid4())
    everything = await inbox.holding(5)
    assert everything == sorted(
        everything, key=lambda item: (item["created_at"], item["id"]), reverse=True
    )
    paged: list[dict[str, Any]] = []
    page = await inbox.page(limit=2)
    while True:
        paged += page["items"]
        if page["next_cursor"] is None:
            break
        assert len(page["items"]) == 2
        page = await inbox.page(limit=2, cursor=page["next_cursor"])
    assert paged == everything


async def test_an_inbox_is_its_owners(publisher: Publisher, inbox: Inbox, account_id: UUID) -> None:
    await publisher.order("confirmed", uuid4(), uuid4())
    await eventually(publisher.finished)
    assert await inbox.page() == {"items": [], "next_cursor": None}


async def test_a_token_is_needed(client: AsyncClient) -> None:
    assert (await client.get(URL)).status_code == 401


@pytest.mark.parametrize(
    "case",
    [case for case in cases("queries", "queries") if case["operation"] == "listNotifications"],
    ids=lambda case: case["name"],
)
async def test_queries(
    client: AsyncClient, token_maker: TokenMaker, account_id: UUID, case: dict[str, Any]
) -> None:
    params = [(name, value) for name, value in case["params"]]
    headers = token_maker.headers(account_id)
    response = await client.get(URL, headers=headers, params=params)
    if case["errors"]:
        assert (response.status_code, response.json()["errors"]) == (422, case["errors"])
    else:
        assert response.status_code == 200
