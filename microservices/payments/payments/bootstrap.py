"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource
from kit.http import HttpPool

from payments import api, internal_api
from payments.clients import Acquirer, HttpAcquirer
from payments.settings import Settings

ROUTERS = (api.router, internal_api.router)


def build_app(
    settings: Settings, *, keys: KeySource | None = None, acquirer: Acquirer | None = None
) -> FastAPI:
    """`acquirer`: in place of the one at the settings' address."""
    http = HttpPool()
    return create_app(
        settings,
        routers=ROUTERS,
        http=http,
        keys=keys,
        state={"acquirer": acquirer or HttpAcquirer(http, settings.acquirer_url)},
    )
