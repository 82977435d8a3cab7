"""Where exceptions become answers."""

import logging
from typing import cast

from fastapi.exceptions import RequestValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from kit.db import DATABASE_ERRORS
from kit.errors import (
    DependencyUnavailable,
    InternalError,
    MalformedJson,
    MethodNotAllowed,
    NotFound,
    Problem,
    validation_problem,
)

log = logging.getLogger(__name__)


async def _problem(_: Request, error: Exception) -> Response:
    return cast("Problem", error).response()


async def _invalid(_: Request, error: Exception) -> Response:
    return validation_problem(cast("RequestValidationError", error)).response()


async def _database(request: Request, error: Exception) -> Response:
    log.warning("%s %s: %s", request.method, request.url.path, error)
    return DependencyUnavailable().response()


async def _http(request: Request, error: Exception) -> Response:
    status = cast("HTTPException", error).status_code
    if status == NotFound.status:
        return NotFound().response()
    if status == MethodNotAllowed.status:
        return MethodNotAllowed(headers={"Allow": ", ".join(_allowed(request))}).response()
    return MalformedJson().response() if status == MalformedJson.status else await _crash()


async def _crash(*_: object) -> Response:
    return InternalError().response()


def _allowed(request: Request) -> list[str]:
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] != Match.NONE:
            methods |= route.methods or set()
    return sorted(methods)


def install(app: Starlette) -> None:
    """Every answer that is not the endpoint's own is a problem of the contract."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for kind in DATABASE_ERRORS:
        app.add_exception_handler(kind, _database)
    app.add_exception_handler(Exception, _crash)
