"""The short way from a request to its endpoint.

FastAPI reads the signature, describes it (OpenAPI) and supplies the validators. Its request
machinery (exit stacks, a general dependency solver) is left out: it would be most of what a
small request costs, and what a call between services costs is what this architecture is judged
by. `kit_testing.hop` measures it. The price is a plainer signature, checked when a route is made.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kit.bodies import json_of
from kit.errors import problem_of

Provider = Callable[[Request], Awaitable[Any]]


class DirectRoute(APIRoute):
    """An async endpoint that returns a finished Response.

    It may take scalar path, query and header parameters, one JSON body, the request, and
    dependencies that are async functions of the request alone.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:  # noqa: ANN401
        super().__init__(path, endpoint, **options)
        self._endpoint: Callable[..., Awaitable[Response]] = endpoint
        self._providers = list(_providers(self.dependant))
        self._request_name = self.dependant.request_param_name
        self.app = self._serve

    async def admit(self, request: Request) -> None:
        """Raises what is to be answered before the body is read; subclasses say what."""
        raise NotImplementedError

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await self.admit(request)
        values = await self._fields(request)
        for name, provider in self._providers:
            values[name] = await provider(request)
        if self._request_name is not None:
            values[self._request_name] = request
        response = await self._endpoint(**values)
        await response(scope, receive, send)

    async def _fields(self, request: Request) -> dict[str, Any]:
        values: dict[str, Any] = {}
        errors: list[Any] = []
        if self.body_field is not None:
            body = await json_of(request)
            [field] = self.dependant.body_params
            values[field.name], found = self.body_field.validate(body, values, loc=("body",))
            errors += found
        if self.dependant.path_params:
            _read("path", self.dependant, request.path_params, values, errors)
        if self.dependant.query_params:
            _read("query", self.dependant, request.query_params, values, errors)
        if self.dependant.header_params:
            _read("header", self.dependant, request.headers, values, errors)
        if errors:
            raise problem_of(errors)
        return values


def _read(
    place: str,
    dependant: Dependant,
    given: Mapping[str, Any],
    values: dict[str, Any],
    errors: list[Any],
) -> None:
    for field in getattr(dependant, f"{place}_params"):
        raw = given.get(field.alias)
        location = (place, field.alias)
        if raw is not None:
            values[field.name], found = field.validate(raw, values, loc=location)
            errors += found
        elif field.field_info.is_required():
            errors.append({"type": "missing", "loc": location, "input": None})
        else:
            values[field.name] = field.get_default()


def _providers(dependant: Dependant) -> Iterator[tuple[str, Provider]]:
    call = dependant.call
    plain = inspect.iscoroutinefunction(call) and len(dependant.body_params) <= 1
    for child in dependant.dependencies:
        nested = child.dependencies or child.body_params or child.path_params
        read = child.query_params or child.header_params or child.cookie_params
        of_request = child.request_param_name is not None and not nested and not read
        if child.name is None or not of_request or not inspect.iscoroutinefunction(child.call):
            plain = False
            break
        yield child.name, child.call
    if not plain or dependant.cookie_params:
        raise TypeError(f"{call}: more than a DirectRoute's signature may ask for")
