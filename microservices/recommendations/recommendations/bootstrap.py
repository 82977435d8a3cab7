"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.carriers import Carrier

from recommendations import api
from recommendations.events import SUBSCRIPTIONS
from recommendations.settings import Settings

ROUTERS = (api.router,)


def build_app(settings: Settings, *, carrier: Carrier | None = None) -> FastAPI:
    """`carrier`: of events, in place of streams in Valkey."""
    return create_app(
        settings,
        routers=ROUTERS,
        carrier=carrier,
        subscriptions=SUBSCRIPTIONS,
        state={"candidates": settings.recommendation_candidates},
    )
