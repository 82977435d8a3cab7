from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fakes import DESK, LAMP, World
from httpx import AsyncClient
from kit.db import Database
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker
from sqlalchemy import make_url, text

from orders.bootstrap import build_app
from orders.saga import Saga
from orders.settings import Settings

pytest_plugins = ["kit_testing.plugin"]

_TABLES = "order_lines, orders, idempotency_keys, outbox"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Empty tables: recovery works on whatever it finds."""
    found = Database(make_url(database_url).set(drivername="postgresql+psycopg"), 10)
    async with found.transaction() as session:
        await session.execute(text(f"TRUNCATE {_TABLES}"))
    yield found
    await found.close()


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def saga(database: Database, world: World) -> Saga:
    return Saga(database, world.collaborators)


@pytest.fixture
def settings(
    database_url: str, redis_url: str, event_namespace: str, service_secret_file: Path
) -> Settings:
    nowhere = "http://127.0.0.1:1"
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        event_namespace=event_namespace,
        jwks_url=nowhere,
        service_token_secret_file=service_secret_file,
        cart_url=nowhere,
        catalog_url=nowhere,
        inventory_url=nowhere,
        payments_url=nowhere,
    )


@pytest.fixture
async def client(
    database: Database, settings: Settings, token_maker: TokenMaker, world: World
) -> AsyncIterator[AsyncClient]:
    """The whole service, recovery and relay included; only its collaborators are fakes."""
    app = build_app(settings, keys=token_maker.keys, collaborators=world.collaborators)
    async with client_of(app) as client:
        yield client


@pytest.fixture
def ada(world: World) -> UUID:
    """A customer with a cart."""
    account_id = uuid4()
    world.cart.fill(account_id, {LAMP: 2, DESK: 1})
    return account_id
