import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from unittest.mock import patch

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fakes import FakeAcquirer
from httpx import ASGITransport, AsyncClient
from kit.db import Database
from kit.settings import DatabaseSettings
from kit_testing.servers import fresh_database
from sqlalchemy import text

from modulith.bootstrap import build_app
from modulith.dispatch import Dispatch
from modulith.migrate import migrate
from modulith.settings import SERVICES, Settings

pytest_plugins = ["kit_testing.plugin"]

LAMP, DESK = 1, 2


@pytest.fixture(scope="session")
def urls() -> Iterator[Mapping[str, str]]:
    """A migrated database per service."""
    with ExitStack() as stack:
        found = {name: stack.enter_context(fresh_database(f"modulith_{name}")) for name in SERVICES}
        for name, url in found.items():
            migrate(name, DatabaseSettings(database_url=url))
        yield found


@pytest.fixture(scope="session")
def variables(
    urls: Mapping[str, str], service_secret_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """The environment that the modulith is started with."""
    key_file = tmp_path_factory.mktemp("keys") / "key.pem"
    key = Ed25519PrivateKey.generate()
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return {
        **{f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
        "DATABASE_POOL_SIZE": "2",
        "JWT_PRIVATE_KEY_FILE": str(key_file),
        "SERVICE_TOKEN_SECRET_FILE": str(service_secret_file),
        "ACQUIRER_URL": "http://acquirer.invalid",
    }


@pytest.fixture(scope="session")
def settings(variables: dict[str, str]) -> Settings:
    with patch.dict(os.environ, variables):
        return Settings.load()


@pytest.fixture(scope="session")
def acquirer() -> FakeAcquirer:
    return FakeAcquirer()


@pytest.fixture(scope="session")
async def app(settings: Settings, acquirer: FakeAcquirer) -> AsyncIterator[Dispatch]:
    """The whole modulith, running; only the outside world is a fake."""
    app = build_app(settings, acquirer=acquirer)
    async with app.rest.router.lifespan_context(app.rest):
        async with database_of(app, "catalog").transaction() as session:
            await session.execute(text("INSERT INTO categories VALUES ('home', 'Home')"))
            await session.execute(
                text(
                    "INSERT INTO products (name, category, price_amount, tags)"
                    " VALUES ('Lamp', 'home', 1999, '{}'), ('Desk', 'home', 15000, '{}')"
                )
            )
        yield app


@pytest.fixture
async def client(app: Dispatch, acquirer: FakeAcquirer) -> AsyncIterator[AsyncClient]:
    """With plenty of lamps, and desks, in stock."""
    acquirer.reachable = True
    async with database_of(app, "inventory").transaction() as session:
        await session.execute(
            text(
                "INSERT INTO stock (product_id, on_hand, reserved) VALUES (1, 100, 0), (2, 100, 0)"
                " ON CONFLICT (product_id) DO UPDATE SET on_hand = 100, reserved = 0"
            )
        )
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def database_of(app: Dispatch, service: str) -> Database:
    [found] = [one for one in app.services if one.state.settings.component == service]
    database: Database = found.state.database
    return database
