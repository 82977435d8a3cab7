import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from httpx import AsyncClient
from kit.db import Database
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker
from sqlalchemy import make_url

from payments.bootstrap import build_app
from payments.settings import Settings

pytest_plugins = ["kit_testing.plugin"]

ACQUIRER = Path(__file__).parents[3] / "acquirer"


@pytest.fixture(scope="session")
def acquirer_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The project's own simulated card processor, running outside as it always does."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ACQUIRER),
        "JOURNAL_FILE": str(tmp_path_factory.mktemp("acquirer") / "journal.jsonl"),
        "DELAY_MEDIAN_MS": "0",
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "acquirer.main:app"]
    with (
        _held_port() as port,
        subprocess.Popen(  # noqa: S603
            command, env=environment | {"GRANIAN_PORT": str(port)}
        ) as process,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(url)
            yield url
        finally:
            process.terminate()


@contextmanager
def _held_port() -> Iterator[int]:
    """Bound, not listening: nobody else is given it, and a server that may reuse addresses is."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


def _wait_until_ready(url: str) -> None:
    end = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=1):  # noqa: S310
                return
        except OSError:
            assert time.monotonic() < end, "the acquirer did not start"
            time.sleep(0.05)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    found = Database(make_url(database_url).set(drivername="postgresql+psycopg"), 10)
    yield found
    await found.close()


@pytest.fixture
def settings(
    database_url: str, redis_url: str, event_namespace: str, service_secret_file: Path
) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        event_namespace=event_namespace,
        jwks_url="http://127.0.0.1:1",
        service_token_secret_file=service_secret_file,
        acquirer_url="http://127.0.0.1:1",
    )


@pytest.fixture
async def client(
    settings: Settings, acquirer_url: str, token_maker: TokenMaker
) -> AsyncIterator[AsyncClient]:
    """The whole service, with the real acquirer."""
    there = settings.model_copy(update={"acquirer_url": acquirer_url})
    async with client_of(build_app(there, keys=token_maker.keys)) as client:
        yield client
