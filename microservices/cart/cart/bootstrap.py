"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource
from kit.http import HttpPool, ServiceClient

from cart import api, internal_api
from cart.clients import Catalog, HttpCatalog
from cart.settings import Settings

ROUTERS = (api.router, internal_api.router)


def build_app(
    settings: Settings, *, keys: KeySource | None = None, catalog: Catalog | None = None
) -> FastAPI:
    """`catalog`: in place of the service at the settings' address."""
    http = HttpPool()
    return create_app(
        settings,
        routers=ROUTERS,
        http=http,
        keys=keys,
        state={"catalog": catalog or _over_http(settings, http)},
    )


def _over_http(settings: Settings, http: HttpPool) -> Catalog:
    client = ServiceClient(
        http,
        base_url=settings.catalog_url,
        caller=settings.component,
        callee="catalog",
        secret=settings.secret(),
    )
    return HttpCatalog(client)
