import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from kit.db import Database
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker
from sqlalchemy import text

from inventory.bootstrap import build_app
from inventory.settings import Settings

pytest_plugins = ["kit_testing.plugin"]

CASES = Path(__file__).parents[3] / "contract" / "cases"


def golden(name: str) -> Any:
    """The contract's cases of one kind."""
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def settings(
    database_url: str, redis_url: str, event_namespace: str, service_secret_file: Path
) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        event_namespace=event_namespace,
        service_token_secret_file=service_secret_file,
        reservation_sweep_seconds=1,
    )


@pytest.fixture(scope="session")
def app(settings: Settings, token_maker: TokenMaker) -> FastAPI:
    return build_app(settings, keys=token_maker.keys)


@pytest.fixture(scope="session")
async def running(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def database(app: FastAPI, running: AsyncClient) -> Database:
    """The app's database, emptied."""
    found: Database = app.state.database
    async with found.transaction() as session:
        await session.execute(text("TRUNCATE stock, reservations, reservation_lines"))
    return found


@pytest.fixture
def client(running: AsyncClient, database: Database) -> AsyncClient:
    return running


@pytest.fixture(scope="session")
def staff(token_maker: TokenMaker) -> dict[str, str]:
    return token_maker.headers(uuid4(), "staff")


@pytest.fixture(scope="session")
def customer(token_maker: TokenMaker) -> dict[str, str]:
    return token_maker.headers(uuid4())


@pytest.fixture
def order_ids() -> Iterator[UUID]:
    """As many ids of orders as are asked for."""
    return iter(uuid4, None)


def sent(body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """Arguments of a request with this body; httpx would not send null."""
    return {
        "content": json.dumps(body),
        "headers": {**headers, "Content-Type": "application/json"},
    }
