"""The one place that wires the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource
from kit.loops import running

from inventory import api, internal_api
from inventory.jobs import expiry_loop
from inventory.settings import Settings

ROUTERS = (api.router, internal_api.stock, internal_api.reservations)


def build_app(settings: Settings, *, keys: KeySource | None = None) -> FastAPI:
    """`keys` stand in for the accounts service's."""

    @asynccontextmanager
    async def expiry(app: FastAPI) -> AsyncIterator[None]:
        async with running(expiry_loop(app.state.database, settings.reservation_sweep_seconds)):
            yield

    return create_app(settings, routers=ROUTERS, keys=keys, lifespans=[expiry])
