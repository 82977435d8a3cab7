"""The one place that wires the service."""

from fastapi import FastAPI
from kit.app import create_app
from kit.carriers import Carrier

from accounts import api, internal_api
from accounts.passwords import Passwords
from accounts.settings import Settings
from accounts.tokens import TokenIssuer

ROUTERS = (api.router, internal_api.router)


def build_app(settings: Settings, *, carrier: Carrier | None = None) -> FastAPI:
    """`carrier`: of events, in place of streams in Valkey."""
    issuer = TokenIssuer.from_file(settings.jwt_private_key_file)
    return create_app(
        settings,
        routers=ROUTERS,
        keys=issuer.keys,
        carrier=carrier,
        publishes=True,
        state={"issuer": issuer, "passwords": Passwords(settings.password_threads)},
    )
