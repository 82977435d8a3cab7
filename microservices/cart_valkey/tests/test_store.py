"""The store itself: when it is away, and what it takes over."""

from uuid import UUID

from fakes import DESK, LAMP
from httpx import AsyncClient
from kit.db import Database
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker, service_headers
from sqlalchemy import make_url, text

from cart.bootstrap import build_app
from cart.settings import Settings

NOWHERE = "redis://127.0.0.1:1/0"


async def test_readiness_asks_the_store(client: AsyncClient) -> None:
    assert (await client.get("/readyz")).status_code == 200
    assert (await client.get("/version")).json()["version"].endswith("+valkey")


async def test_without_its_store_the_service_is_not_ready_and_says_so(
    settings: Settings, token_maker: TokenMaker, ada: dict[str, str]
) -> None:
    away = settings.model_copy(update={"store_url": NOWHERE})
    async with client_of(build_app(away, keys=token_maker.keys)) as client:
        for path in ("/readyz", "/api/v1/cart"):
            answer = await client.get(path, headers=ada)
            assert (answer.status_code, answer.json()["type"]) == (503, "dependency-unavailable")


async def test_a_cart_is_carried_over_once(
    client: AsyncClient, earlier_url: str, account_id: UUID, ada: dict[str, str]
) -> None:
    database = Database(make_url(earlier_url).set(drivername="postgresql+psycopg"), 2)
    async with database.transaction() as session:
        await session.execute(
            text("INSERT INTO carts VALUES (:account, 7)"), {"account": account_id}
        )
        await session.execute(
            text("INSERT INTO cart_lines VALUES (:account, :one, 2), (:account, :other, 1)"),
            {"account": account_id, "one": DESK, "other": LAMP},
        )
    await database.close()
    path, orders = f"/internal/carts/{account_id}", service_headers("orders", "cart")
    lines = [{"product_id": LAMP, "quantity": 1}, {"product_id": DESK, "quantity": 2}]
    assert (await client.get(path, headers=orders)).json() == {"version": 7, "lines": lines}
    await client.delete("/api/v1/cart", headers=ada)
    assert (await client.get(path, headers=orders)).json() == {"version": 0, "lines": []}
