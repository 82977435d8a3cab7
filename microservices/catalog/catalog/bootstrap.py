"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource
from kit.carriers import Carrier
from kit.http import HttpPool, ServiceClient
from kit.settings import read_secret

from catalog import api, internal_api
from catalog.clients import HttpStock, Stock
from catalog.events import SUBSCRIPTIONS
from catalog.settings import Settings

ROUTERS = (api.router, internal_api.router)


def build_app(
    settings: Settings,
    *,
    stock: Stock | None = None,
    keys: KeySource | None = None,
    carrier: Carrier | None = None,
) -> FastAPI:
    """`stock` and `keys` stand in for other services; without them those are called.
    `carrier`: of events, in place of streams in Valkey."""
    pool = HttpPool()
    return create_app(
        settings,
        routers=ROUTERS,
        http=pool,
        keys=keys,
        carrier=carrier,
        publishes=True,
        subscriptions=SUBSCRIPTIONS,
        state={"stock": stock or _inventory(pool, settings)},
    )


def _inventory(pool: HttpPool, settings: Settings) -> Stock:
    return HttpStock(
        ServiceClient(
            pool,
            base_url=settings.inventory_url,
            caller=settings.component,
            callee="inventory",
            secret=read_secret(settings.service_token_secret_file),
        )
    )
