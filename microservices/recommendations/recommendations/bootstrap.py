"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app

from recommendations import api
from recommendations.events import SUBSCRIPTIONS
from recommendations.settings import Settings

ROUTERS = (api.router,)


def build_app(settings: Settings) -> FastAPI:
    return create_app(
        settings,
        routers=ROUTERS,
        subscriptions=SUBSCRIPTIONS,
        state={"candidates": settings.recommendation_candidates},
    )
