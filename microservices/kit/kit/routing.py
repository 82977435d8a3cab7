"""Routes that check in the order the contract fixes.

401, 403, missing Idempotency-Key; then content type, JSON, fields; then the endpoint.
"""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from fastapi import APIRouter, Header
from starlette.requests import Request

from kit.auth import admit, current_customer, current_staff
from kit.deadlines import HEADER as DEADLINE_HEADER
from kit.deadlines import accept
from kit.direct import DirectRoute
from kit.errors import IdempotencyKeyMissing
from kit.schemas import NoNul
from kit.service_tokens import ServiceTokenVerifier

IDEMPOTENCY_KEY = "Idempotency-Key"
IdempotencyKey = Annotated[str, Header(alias=IDEMPOTENCY_KEY, min_length=1, max_length=200), NoNul]


class ApiRoute(DirectRoute):
    """A public operation."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401
        super().__init__(path, endpoint, **options)
        calls = {child.call for child in self.dependant.dependencies}
        fields = self.dependant.header_params
        self.needs_staff = current_staff in calls
        self.needs_token = self.needs_staff or current_customer in calls
        self.needs_key = any(field.alias == IDEMPOTENCY_KEY for field in fields)

    async def admit(self, request: Request) -> None:
        if self.needs_token:
            await admit(request, staff_only=self.needs_staff)
        if self.needs_key and not request.headers.get(IDEMPOTENCY_KEY):
            raise IdempotencyKeyMissing


class OpenRoute(DirectRoute):
    """An operation that anyone may ask for."""

    async def admit(self, request: Request) -> None:
        """There is nothing to be shown."""


class InternalRoute(DirectRoute):
    """An operation for other services only."""

    callers: ClassVar[frozenset[str]] = frozenset()

    async def admit(self, request: Request) -> None:
        verifier: ServiceTokenVerifier = request.app.state.service_tokens
        verifier.caller(request.headers.get("authorization"), self.callers)
        accept(request.headers.get(DEADLINE_HEADER))


def api_router(tag: str) -> APIRouter:
    """Public operations; paths are below /api/v1."""
    return APIRouter(prefix="/api/v1", route_class=ApiRoute, tags=[tag])


def open_router(tag: str) -> APIRouter:
    """Operations outside the API, with full paths."""
    return APIRouter(route_class=OpenRoute, tags=[tag])


def internal_router(*callers: str) -> APIRouter:
    """Operations below /internal that only the named services may call."""
    route = type("InternalRoute", (InternalRoute,), {"callers": frozenset(callers)})
    return APIRouter(prefix="/internal", route_class=route, tags=["internal"])
