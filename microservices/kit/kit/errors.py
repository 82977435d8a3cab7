"""One small tree of problems, turned into RFC 9457 answers in one place."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from starlette.responses import Response

from kit.json import Json, dumps

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

    def __init__(self, headers: Mapping[str, str] | None = None, **extra: Json) -> None:
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
        return Response(dumps(self.body()), self.status, headers, MEDIA_TYPE)


class ValidationFailed(Problem):
    """`errors` holds one {"field", "message"} per field."""

    type = "validation-failed"
    status = 422
    title = "Validation failed"
    detail = "The request has invalid fields."

    def __init__(self, errors: Mapping[str, str]) -> None:
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


class IdempotencyKeyMissing(Problem):
    type = "idempotency-key-missing"
    status = 400
    title = "Idempotency key missing"
    detail = "The Idempotency-Key header is required."


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


_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is not allowed",
    "string_type": "must be a string",
    "int_type": "must be an integer",
    "int_from_float": "must be an integer",
    "int_parsing": "must be an integer",
    "int_parsing_size": "must be an integer",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dict_type": "must be an object",
    "list_type": "must be a list",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "too_long": "must have at most {max_length} items",
}
_PLACES = frozenset({"body", "query", "header"})


def _message(error: Mapping[str, Any]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind in {"literal_error", "enum"}:
        if not isinstance(error["input"], str):
            return "must be a string"
        return "must be one of: " + ", ".join(re.findall(r"'([^']*)'", context["expected"]))
    return _MESSAGES.get(kind, "is not valid").format(**context)


def _field(location: Iterable[str | int]) -> str:
    return ".".join(str(part) for part in location) or "body"


def problem_of(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """Pydantic's errors as one problem: a field keeps its first message.

    A path that cannot name a resource is `NotFound`, but only when nothing else is
    wrong: existence is the last thing an operation looks at.
    """
    messages: dict[str, str] = {}
    for error in errors:
        place, *rest = error["loc"]
        if place in _PLACES:
            messages.setdefault(_field(rest), _message(error))
    return ValidationFailed(messages) if messages else NotFound()
