"""The OpenAPI document of a service.

`python -m kit.openapi SERVICE` in the service's folder writes its openapi.json.
"""

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from kit.errors import (
    MEDIA_TYPE,
    Forbidden,
    IdempotencyKeyMissing,
    MalformedJson,
    NotFound,
    Problem,
    Unauthenticated,
    UnsupportedMediaType,
    ValidationFailed,
)
from kit.routing import ApiRoute, InternalRoute
from kit.schemas import ProblemOut

_SECURITY = {
    "access_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "service_token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
}


def problems(*types: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """What a route's `responses=` says of the problems peculiar to it.

    Those that follow from its signature (401, 403, 400, 415, 422, 404) are added by themselves.
    """
    found: dict[int | str, dict[str, Any]] = {}
    for problem in types:
        known = found.get(problem.status)
        text = f"{known['description']}, {problem.type}" if known else problem.type
        found[problem.status] = {
            "description": text,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return found


def _implied(route: APIRoute) -> list[type[Problem]]:
    implied: list[type[Problem]] = []
    if isinstance(route, ApiRoute):
        implied += [Unauthenticated] * route.needs_token + [Forbidden] * route.needs_staff
        implied += [IdempotencyKeyMissing] * route.needs_key
    elif isinstance(route, InternalRoute):
        implied += [Unauthenticated, Forbidden]
    if route.body_field is not None:
        implied += [MalformedJson, UnsupportedMediaType]
    if route.body_field or route.dependant.query_params or route.dependant.header_params:
        implied.append(ValidationFailed)
    if route.dependant.path_params:
        implied.append(NotFound)
    return implied


def _security(route: APIRoute) -> list[dict[str, list[str]]]:
    if isinstance(route, InternalRoute):
        return [{"service_token": []}]
    if isinstance(route, ApiRoute) and route.needs_token:
        return [{"access_token": []}]
    return []


def describe(routers: Sequence[APIRouter]) -> None:
    """Adds to each route's description what its signature implies."""
    for route in (route for router in routers for route in router.routes):
        if not isinstance(route, APIRoute):
            continue
        for status, response in problems(*_implied(route)).items():
            own = route.responses.get(status)
            if own is None:
                route.responses[status] = response
            elif response["description"] not in own["description"]:
                own["description"] = f"{response['description']}, {own['description']}"
        security = _security(route)
        if security:
            route.openapi_extra = {**(route.openapi_extra or {}), "security": security}


def document(app: FastAPI) -> dict[str, Any]:
    """The app's OpenAPI document; everything in it follows from the code alone."""
    content = get_openapi(title=app.title, version=app.version, routes=app.routes)
    for path in content["paths"].values():
        for operation in path.values():
            _drop_fastapis_own(operation["responses"])
    components = content.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    schemas["Problem"] = ProblemOut.model_json_schema()
    components["schemas"] = dict(sorted(schemas.items()))
    components["securitySchemes"] = _SECURITY
    return content


def _drop_fastapis_own(responses: dict[str, Any]) -> None:
    """FastAPI adds a 422 of its own shape to every operation that has any parameter."""
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]


def rendered(service: str) -> bytes:
    """What openapi.json of this service should hold."""
    bootstrap = import_module(f"{service}.bootstrap")
    app = FastAPI(title=service, version=bootstrap.Settings.version)
    describe(bootstrap.ROUTERS)
    for router in bootstrap.ROUTERS:
        app.router.routes.extend(router.routes)
    return orjson.dumps(document(app), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


if __name__ == "__main__":
    Path("openapi.json").write_bytes(rendered(sys.argv[1]))
