"""JSON as every service writes it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import orjson
from starlette.responses import Response

Json: TypeAlias = Any
"""A JSON value, whatever it is."""


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, always with six fractional digits."""
    text = moment.astimezone(UTC).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z"


def _default(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    raise TypeError(f"cannot write {type(value).__name__} as JSON")


def dumps(content: Json) -> bytes:
    """Compact UTF-8 JSON; moments as `rfc3339`, UUIDs as strings."""
    return orjson.dumps(content, default=_default, option=orjson.OPT_PASSTHROUGH_DATETIME)


def json_response(
    content: Json, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A finished answer: nothing validates it again on the way out."""
    return Response(dumps(content), status, headers, "application/json")
