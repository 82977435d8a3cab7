from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from fakes import FakeCatalog
from httpx import AsyncClient
from kit.db import Database
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker
from sqlalchemy import make_url

from cart.bootstrap import build_app
from cart.settings import Settings

pytest_plugins = ["kit_testing.plugin"]


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(make_url(database_url).set(drivername="postgresql+psycopg"), 10)
    yield found
    await found.close()


@pytest.fixture
def catalog() -> FakeCatalog:
    return FakeCatalog()


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
        catalog_url=nowhere,
    )


@pytest.fixture
async def client(
    settings: Settings, token_maker: TokenMaker, catalog: FakeCatalog
) -> AsyncIterator[AsyncClient]:
    """The whole service; only the catalog is a fake."""
    app = build_app(settings, keys=token_maker.keys, catalog=catalog)
    async with client_of(app) as client:
        yield client


@pytest.fixture
def account_id() -> UUID:
    return uuid4()


@pytest.fixture
def ada(account_id: UUID, token_maker: TokenMaker) -> dict[str, str]:
    """The headers of a customer."""
    return token_maker.headers(account_id)
