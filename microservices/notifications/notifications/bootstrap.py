"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource
from kit.carriers import Carrier

from notifications import api
from notifications.events import SUBSCRIPTIONS
from notifications.settings import Settings

ROUTERS = (api.router,)


def build_app(
    settings: Settings, *, keys: KeySource | None = None, carrier: Carrier | None = None
) -> FastAPI:
    """`carrier`: of events, in place of streams in Valkey."""
    return create_app(
        settings, routers=ROUTERS, keys=keys, carrier=carrier, subscriptions=SUBSCRIPTIONS
    )
