"""One small tree of problems, turned into RFC 9457 answers in one place."""

import logging
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from django.core.exceptions import SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions
from rest_framework.response import Response

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An answer that is not the one asked for; subclasses fix its four words.

    `extra` adds members to the body, `headers` adds headers to the answer.
    """

    type: ClassVar[str]
    status: ClassVar[int]
    title: ClassVar[str]
    detail: ClassVar[str]
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, headers: Mapping[str, str] | None = None, **extra: Any) -> None:
        super().__init__(self.type)
        self.extra = extra
        self.more_headers = headers or {}

    def body(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            **self.extra,
        }

    def response(self) -> Response:
        headers = {**self.headers, **self.more_headers}
        return Response(self.body(), self.status, headers=headers, content_type=MEDIA_TYPE)


class ValidationFailed(Problem):
    type = "validation-failed"
    status = 422
    title = "Validation failed"
    detail = "The request has invalid fields."

    def __init__(self, errors: Mapping[str, str]) -> None:
        self.errors = errors
        items = [{"field": field, "message": errors[field]} for field in sorted(errors)]
        super().__init__(errors=items)


class MalformedJson(Problem):
    type = "malformed-json"
    status = 400
    title = "Malformed JSON"
    detail = "The body is not valid JSON."


class UnsupportedMediaType(Problem):
    type = "unsupported-media-type"
    status = 415
    title = "Unsupported media type"
    detail = "The body must be application/json."


class Unauthenticated(Problem):
    type = "unauthenticated"
    status = 401
    title = "Not authenticated"
    detail = "A valid access token is required."
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Problem):
    type = "forbidden"
    status = 403
    title = "Forbidden"
    detail = "This operation is for staff."


class NotFound(Problem):
    type = "not-found"
    status = 404
    title = "Not found"
    detail = "There is no such resource."


class MethodNotAllowed(Problem):
    type = "method-not-allowed"
    status = 405
    title = "Method not allowed"
    detail = "This resource does not support the method."


class DependencyUnavailable(Problem):
    type = "dependency-unavailable"
    status = 503
    title = "Dependency unavailable"
    detail = "A part of the shop is unavailable; try again."
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class InternalError(Problem):
    type = "internal-error"
    status = 500
    title = "Internal error"
    detail = "Something went wrong."


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    problem = problem_of(error, context)
    return problem.response() if problem else None


def problem_of(error: Exception, context: Mapping[str, Any]) -> Problem | None:
    match error:
        case Problem():
            return error
        case Http404():
            return NotFound()
        case exceptions.MethodNotAllowed():
            return MethodNotAllowed(headers={"Allow": ", ".join(context["view"].allowed_methods)})
        case SuspiciousOperation():
            # Django refuses bodies of several megabytes, which no operation of the shop has.
            return MalformedJson()
        case OperationalError() | InterfaceError():
            logger.warning("the database is unavailable: %s", error)
            return DependencyUnavailable()
        case _:
            return None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _plain(NotFound())


def server_error(request: HttpRequest) -> HttpResponse:
    return _plain(InternalError())


def unavailable() -> HttpResponse:
    return _plain(DependencyUnavailable())


def _plain(problem: Problem) -> HttpResponse:
    content = orjson.dumps(problem.body())
    return HttpResponse(content, MEDIA_TYPE, problem.status, headers=dict(problem.headers))
