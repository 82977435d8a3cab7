"""JSON bodies, read before anything looks at their fields."""

import orjson
from starlette.requests import Request

from kit.errors import MalformedJson, UnsupportedMediaType
from kit.json import Json


async def json_of(request: Request) -> Json:
    """The body's value; 415 unless it is declared as JSON, 400 unless it is."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType
    try:
        return orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise MalformedJson from error
