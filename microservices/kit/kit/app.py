"""Builds a service's application from its parts."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from kit import faults, tracing
from kit.answering import Answering
from kit.auth import AccessTokens, JwksKeys, KeySource
from kit.bus import Bus
from kit.carriers import Carrier, Streams
from kit.db import DATABASE_ERRORS, Database
from kit.direct import DirectRoute
from kit.http import HttpPool
from kit.inbox import Subscriptions
from kit.json import json_response
from kit.loops import Loop, running
from kit.openapi import describe, document
from kit.paths import Paths
from kit.patience import Patient
from kit.service_tokens import ServiceTokenVerifier
from kit.settings import ServiceSettings

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Check = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Service(FastAPI):
    """FastAPI without what the contract does not have, and with one layer around its router."""

    def __init__(self, title: str, version: str, lifespan: Lifespan) -> None:
        super().__init__(
            title=title,
            version=version,
            lifespan=lifespan,
            docs_url=None,
            redoc_url=None,
            openapi_url=None,
            redirect_slashes=False,
            telemetry={"tracing": False, "metrics": False, "logs": False, "operation_spans": False},
        )

    def build_middleware_stack(self) -> ASGIApp:
        app: ASGIApp = Answering(Paths(self.router.routes, self.router))
        for middleware in reversed(self.user_middleware):
            app = middleware.cls(app, *middleware.args, **middleware.kwargs)
        return app


def create_app(
    settings: ServiceSettings,
    *,
    routers: Sequence[APIRouter],
    http: HttpPool | None = None,
    checks: Sequence[Check] = (),
    keys: KeySource | None = None,
    carrier: Carrier | None = None,
    publishes: bool = False,
    subscriptions: Subscriptions | None = None,
    lifespans: Sequence[Lifespan] = (),
    state: dict[str, Any] | None = None,
) -> FastAPI:
    """The application of one service.

    - `routers`: made by `api_router`, `internal_router` or `open_router`, with full paths.
    - `http`: the pool that the service's clients were built on.
    - `checks`: what readiness asks beside the database, where the service needs another store.
    - `keys`: where access tokens' keys come from; without it, the settings' `jwks_url`.
    - `publishes`, `subscriptions`: the service's part in events; `carrier`: what takes them from
      service to service, without it streams in Valkey.
    - `lifespans`: entered at start with the app, in order, when everything else is up.
    - `state`: more members of `app.state`, beside `database`, `bus` and `http`.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    pool = http or HttpPool()
    board = faults.Switchboard(settings.component) if settings.faults == "switchboard" else None
    if board is not None:
        lifespans = (*lifespans, board.running)
    pool.directory = settings.service_directory
    database = Database(settings.sqlalchemy_url(), settings.database_pool_size)
    bus = Bus(settings.redis_url, settings.redis_password(), settings.event_namespace)
    loops = (carrier or Streams(bus)).loops(
        settings.component, database, publishes=publishes, subscriptions=subscriptions
    )
    app = Service(
        settings.component, settings.version, _lifespan(database, bus, pool, loops, lifespans)
    )
    app.state.settings = settings
    app.state.database, app.state.bus, app.state.http = database, bus, pool
    if keys is None and settings.jwks_url is not None:
        keys = JwksKeys(pool, settings.jwks_url)
    if keys is not None:
        app.state.access_tokens = AccessTokens(keys)
    secret = settings.service_token_secret()
    if secret is not None:
        app.state.service_tokens = ServiceTokenVerifier(secret, callee=settings.component)
    for name, value in (state or {}).items():
        setattr(app.state, name, value)
    describe(routers)
    for router in routers:
        _require_direct(router)
        # Not include_router, which matches every request twice.
        app.router.routes.extend(router.routes)
    identity = settings.component, settings.version, settings.revision
    app.router.routes.extend(health_routes(*identity, database.check, *checks))
    app.router.routes.append(_get("/openapi.json", _openapi))
    if settings.trace == "server-timing":
        tracing.install(app, pool, component=settings.component)
    if board is not None:
        faults.install(app, board)
    app.add_middleware(Patient)
    return app


def _require_direct(router: APIRouter) -> None:
    """FastAPI's own routes need layers that `Service` leaves out."""
    for route in router.routes:
        if not isinstance(route, DirectRoute):
            raise TypeError(f"{route} is no DirectRoute: make its router with kit.routing")


def _lifespan(
    database: Database,
    bus: Bus,
    pool: HttpPool,
    loops: Sequence[Loop],
    lifespans: Sequence[Lifespan],
) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            stack.push_async_callback(bus.close)
            stack.push_async_callback(pool.close)
            await pool.start()
            try:
                await database.warm()
            except DATABASE_ERRORS as error:
                log.warning("the database does not answer yet: %s", error)
            for more in lifespans:
                await stack.enter_async_context(more(app))
            await stack.enter_async_context(running(*loops))
            yield

    return lifespan


def health_routes(component: str, version: str, revision: str, *checks: Check) -> list[Route]:
    """/healthz, /readyz (503 when a check raises DependencyUnavailable) and /version."""

    async def healthz(_: Request) -> Response:
        return json_response({"status": "ok"})

    async def readyz(_: Request) -> Response:
        for check in checks:
            await check()
        return json_response({"status": "ready"})

    async def identity(_: Request) -> Response:
        return json_response({"component": component, "version": version, "revision": revision})

    return [_get("/healthz", healthz), _get("/readyz", readyz), _get("/version", identity)]


async def _openapi(request: Request) -> Response:
    return json_response(document(request.app))


def _get(path: str, endpoint: Callable[[Request], Any]) -> Route:
    route = Route(path, endpoint, methods=["GET"], include_in_schema=False)
    route.methods = {"GET"}  # Starlette adds HEAD, which the contract refuses
    return route
