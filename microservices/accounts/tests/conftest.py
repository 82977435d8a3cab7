"""The accounts service on a database of its own."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi import FastAPI
from httpx import AsyncClient
from kit_testing.apps import client_of

from accounts.bootstrap import build_app
from accounts.settings import Settings

pytest_plugins = ["kit_testing.plugin"]

PROJECT = Path(__file__).parents[1]
PASSWORD = "correct horse"


def cases(name: str) -> dict[str, Any]:
    """The contract's golden cases of one kind."""
    path = PROJECT.parents[1] / "contract" / "cases" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def settings(
    database_url: str,
    redis_url: str,
    event_namespace: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    key = tmp_path_factory.mktemp("keys") / "jwt.pem"
    key.write_bytes(
        Ed25519PrivateKey.generate().private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        )
    )
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        event_namespace=event_namespace,
        jwt_private_key_file=key,
    )


@pytest.fixture(scope="session")
def app(settings: Settings) -> FastAPI:
    return build_app(settings)


@pytest.fixture(scope="session")
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def account(client: AsyncClient) -> dict[str, Any]:
    """A new account; its password is PASSWORD."""
    body = {"email": f"{uuid4()}@example.com", "password": PASSWORD, "name": "Ada"}
    response = await client.post("/api/v1/accounts", json=body)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created
