from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from fakes import FakeCatalog
from httpx import AsyncClient
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker
from redis import Redis

from cart.bootstrap import build_app
from cart.settings import Settings

pytest_plugins = ["kit_testing.plugin"]


@pytest.fixture
def catalog() -> FakeCatalog:
    return FakeCatalog()


@pytest.fixture(scope="session")
def namespace(redis_url: str) -> Iterator[str]:
    """Keys of this session's own."""
    found = f"test-cart-{uuid4().hex[:12]}"
    yield found
    with Redis.from_url(redis_url) as redis:
        for key in redis.scan_iter(f"{found}:*"):
            redis.delete(key)


@pytest.fixture(scope="session")
def earlier_url(database_url: str) -> str:
    """A database with the tables of the other cart, in which carts were before."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE carts (account_id uuid PRIMARY KEY, version bigint)")
        connection.execute(
            "CREATE TABLE cart_lines (account_id uuid, product_id bigint, quantity smallint)"
        )
    return database_url


@pytest.fixture
def settings(
    earlier_url: str,
    redis_url: str,
    event_namespace: str,
    namespace: str,
    service_secret_file: Path,
) -> Settings:
    nowhere = "http://127.0.0.1:1"
    return Settings(
        database_url=earlier_url,
        redis_url=redis_url,
        event_namespace=event_namespace,
        jwks_url=nowhere,
        service_token_secret_file=service_secret_file,
        catalog_url=nowhere,
        store_url=redis_url,
        store_namespace=namespace,
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
