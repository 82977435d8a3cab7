import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from kit.db import Database
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker
from sqlalchemy import text

from catalog.bootstrap import build_app
from catalog.settings import Settings

pytest_plugins = ["kit_testing.plugin"]

CASES = Path(__file__).parents[3] / "contract" / "cases"


def golden(name: str) -> Any:
    """The contract's cases of one kind."""
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))


class FakeStock:
    """Stands for inventory."""

    def __init__(self) -> None:
        self.units: dict[int, int] = {}
        self.reachable = True

    async def available(self, product_id: int) -> int | None:
        return self.units.get(product_id, 0) if self.reachable else None


@pytest.fixture(scope="session")
def stock() -> FakeStock:
    return FakeStock()


@pytest.fixture(scope="session")
def settings(
    database_url: str, redis_url: str, event_namespace: str, service_secret_file: Path
) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        event_namespace=event_namespace,
        service_token_secret_file=service_secret_file,
        inventory_url="http://inventory.invalid",
    )


@pytest.fixture(scope="session")
def app(settings: Settings, stock: FakeStock, token_maker: TokenMaker) -> FastAPI:
    return build_app(settings, stock=stock, keys=token_maker.keys)


@pytest.fixture(scope="session")
async def running(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
def database(app: FastAPI) -> Database:
    found: Database = app.state.database
    return found


@pytest.fixture
async def client(running: AsyncClient, database: Database, stock: FakeStock) -> AsyncClient:
    """The app on empty tables but for two categories."""
    async with database.transaction() as session:
        await session.execute(text("TRUNCATE products, categories RESTART IDENTITY"))
        await session.execute(
            text("INSERT INTO categories VALUES ('desks', 'Desks'), ('lamps', 'Lamps')")
        )
    stock.units.clear()
    stock.reachable = True
    return running


@pytest.fixture(scope="session")
def staff(token_maker: TokenMaker) -> dict[str, str]:
    return token_maker.headers(uuid4(), "staff")


@pytest.fixture(scope="session")
def customer(token_maker: TokenMaker) -> dict[str, str]:
    return token_maker.headers(uuid4())


def sent(body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """Arguments of a request with this body; httpx would not send null."""
    return {
        "content": json.dumps(body),
        "headers": {**headers, "Content-Type": "application/json"},
    }
