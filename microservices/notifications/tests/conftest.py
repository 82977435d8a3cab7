"""The notifications service on a database and streams of its own."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker

from notifications.bootstrap import build_app
from notifications.settings import Settings

pytest_plugins = ["kit_testing.plugin"]

PROJECT = Path(__file__).parents[1]


def cases(name: str, group: str) -> list[dict[str, Any]]:
    """The contract's golden cases of one kind."""
    path = PROJECT.parents[1] / "contract" / "cases" / f"{name}.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))[group]
    return found


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str, event_namespace: str) -> Settings:
    return Settings(
        database_url=database_url,
        redis_url=redis_url,
        event_namespace=event_namespace,
        jwks_url="http://accounts.invalid/.well-known/jwks.json",
    )


@pytest.fixture(scope="session")
def app(settings: Settings, token_maker: TokenMaker) -> FastAPI:
    return build_app(settings, keys=token_maker.keys)


@pytest.fixture(scope="session")
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with client_of(app) as client:
        yield client
