"""Fixtures for every service: `pytest_plugins = ["kit_testing.plugin"]`."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis

from kit_testing.servers import fresh_database, migrate, required
from kit_testing.tokens import SERVICE_SECRET, TokenMaker


@pytest.fixture(scope="session")
def database_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """A migrated database of this session's own."""
    project = pytestconfig.rootpath
    with fresh_database(f"test_{project.name}") as url:
        if (project / "alembic.ini").exists():
            migrate(url, project)
        yield url


@pytest.fixture(scope="session")
def redis_url() -> str:
    return required("TEST_REDIS_URL")


@pytest.fixture(scope="session")
def event_namespace(redis_url: str) -> Iterator[str]:
    """A namespace of this session's own, so that sessions can share a Valkey."""
    namespace = f"test-{uuid4().hex[:12]}"
    yield namespace
    with Redis.from_url(redis_url) as redis:
        for key in redis.scan_iter(f"{namespace}*"):
            redis.delete(key)


@pytest.fixture(scope="session")
def service_secret_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("secrets") / "service_token"
    path.write_text(SERVICE_SECRET, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def token_maker() -> TokenMaker:
    return TokenMaker()
