"""A service of the tests' own, with one of everything the kit offers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy import Column, MetaData, Table, Text, create_engine, make_url

from kit.app import create_app
from kit.bus import Bus
from kit.db import Database
from kit.inbox import inbox_table
from kit.outbox import outbox_table
from kit_testing.apps import client_of
from kit_testing.tokens import TokenMaker
from tests.sample import ROUTERS, Settings

pytest_plugins = ["kit_testing.plugin"]

CUSTOMER = UUID("00000000-0000-4000-8000-000000000001")

metadata = MetaData()
effects = Table("effects", metadata, Column("event_id", Text))


@pytest.fixture(scope="session")
def tables(database_url: str) -> str:
    """The URL of a database with an outbox, an inbox and `effects`."""
    outbox_table(metadata)
    inbox_table(metadata)
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg"))
    metadata.create_all(engine)
    engine.dispose()
    return database_url


@pytest.fixture(scope="session")
def settings(
    tables: str, redis_url: str, event_namespace: str, service_secret_file: Path
) -> Settings:
    return Settings(
        database_url=tables,
        redis_url=redis_url,
        event_namespace=event_namespace,
        service_token_secret_file=service_secret_file,
    )


@pytest.fixture(scope="session")
def app(settings: Settings, token_maker: TokenMaker) -> FastAPI:
    return create_app(settings, routers=ROUTERS, keys=token_maker.keys)


@pytest.fixture(scope="session")
async def client(app: FastAPI) -> AsyncIterator[AsyncClient]:
    async with client_of(app) as client:
        yield client


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    """A pool on empty tables."""
    database = Database(settings.sqlalchemy_url(), 4)
    async with database.transaction() as session:
        for table in metadata.sorted_tables:
            await session.execute(table.delete())
    yield database
    await database.close()


@asynccontextmanager
async def opened_bus(settings: Settings) -> AsyncIterator[Bus]:
    bus = Bus(settings.redis_url, None, settings.event_namespace)
    try:
        yield bus
    finally:
        await bus.close()


@pytest.fixture
async def bus(settings: Settings) -> AsyncIterator[Bus]:
    """A connection to a Valkey without this session's keys."""
    async with opened_bus(settings) as bus:
        await forget_everything(bus, settings.event_namespace)
        yield bus


async def forget_everything(bus: Bus, namespace: str) -> None:
    """What a wiped Valkey looks like to this session."""
    async for key in bus.redis.scan_iter(f"{namespace}*"):
        await bus.redis.delete(key)
