"""JSON bodies, read before anything looks at their fields."""

import orjson
from starlette.requests import ClientDisconnect, Request

from kit.errors import MalformedJson, UnsupportedMediaType
from kit.json import Json


async def json_of(request: Request) -> Json:
    """The body's value; 415 unless it is declared as JSON, 400 unless it is."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise UnsupportedMediaType
    try:
        return orjson.loads(await _body(request))
    except orjson.JSONDecodeError as error:
        raise MalformedJson from error


async def _body(request: Request) -> bytes:
    """As `Request.body`, without the generator it reads by: that cost a fifth of a small call."""
    chunks, more = [], True
    while more:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(chunks)
