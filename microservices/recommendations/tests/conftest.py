import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from kit.db import Database
from kit_testing.apps import client_of
from sqlalchemy import text

from recommendations.bootstrap import build_app
from recommendations.settings import Settings

pytest_plugins = ["kit_testing.plugin"]

CASES = Path(__file__).parents[3] / "contract" / "cases"


def golden(name: str) -> Any:
    """The contract's cases of one kind."""
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def settings(database_url: str, redis_url: str, event_namespace: str) -> Settings:
    return Settings(database_url=database_url, redis_url=redis_url, event_namespace=event_namespace)


@pytest.fixture(scope="session")
def app(settings: Settings) -> FastAPI:
    return build_app(settings)


@pytest.fixture(scope="session")
async def running(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def database(app: FastAPI, running: AsyncClient) -> Database:
    """The app's database, emptied."""
    found: Database = app.state.database
    async with found.transaction() as session:
        await session.execute(text("TRUNCATE products, co_purchases"))
    return found


@pytest.fixture
def client(running: AsyncClient, database: Database) -> AsyncClient:
    return running
