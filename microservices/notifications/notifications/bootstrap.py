"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.auth import KeySource

from notifications import api
from notifications.events import SUBSCRIPTIONS
from notifications.settings import Settings

ROUTERS = (api.router,)


def build_app(settings: Settings, *, keys: KeySource | None = None) -> FastAPI:
    return create_app(settings, routers=ROUTERS, keys=keys, subscriptions=SUBSCRIPTIONS)
