"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app

from accounts import api, internal_api
from accounts.passwords import Passwords
from accounts.settings import Settings
from accounts.tokens import TokenIssuer

ROUTERS = (api.router, internal_api.router)


def build_app(settings: Settings) -> FastAPI:
    issuer = TokenIssuer.from_file(settings.jwt_private_key_file)
    return create_app(
        settings,
        routers=ROUTERS,
        keys=issuer.keys,
        publishes=True,
        state={"issuer": issuer, "passwords": Passwords(settings.password_threads)},
    )
