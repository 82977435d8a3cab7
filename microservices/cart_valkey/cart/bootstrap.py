"""The one place that wires the service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource
from kit.http import HttpPool, ServiceClient

from cart import api, internal_api
from cart.clients import Catalog, HttpCatalog
from cart.earlier import EarlierCarts
from cart.settings import Settings
from cart.valkey import Carts

ROUTERS = (api.router, internal_api.router)


def build_app(
    settings: Settings, *, keys: KeySource | None = None, catalog: Catalog | None = None
) -> FastAPI:
    """`catalog`: in place of the service at the settings' address."""
    http = HttpPool()

    @asynccontextmanager
    async def holding(_: FastAPI) -> AsyncIterator[None]:
        yield
        await carts.close()

    async def check() -> None:
        await carts.check()

    app = create_app(
        settings,
        routers=ROUTERS,
        http=http,
        checks=(check,),
        keys=keys,
        lifespans=(holding,),
        state={"catalog": catalog or _over_http(settings, http)},
    )
    earlier = EarlierCarts(app.state.database)
    carts = Carts(
        settings.store_url, settings.redis_password(), settings.store_namespace, earlier.cart
    )
    app.state.carts = carts
    return app


def _over_http(settings: Settings, http: HttpPool) -> Catalog:
    client = ServiceClient(
        http,
        base_url=settings.catalog_url,
        caller=settings.component,
        callee="catalog",
        secret=settings.secret(),
    )
    return HttpCatalog(client)
