"""JSON as the shop reads and writes it."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from shop.platform.errors import MalformedJson, UnsupportedMediaType

MEDIA_TYPE = "application/json"


def rfc3339(moment: datetime) -> str:
    """A moment in UTC, always with six fractional digits."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def money(amount: int) -> dict[str, object]:
    """Minor units as the JSON shape of money."""
    return {"amount": amount, "currency": "EUR"}


def json_body(request: Request) -> Any:
    content_type = request.content_type or ""
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        raise UnsupportedMediaType
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise MalformedJson from error


class OrjsonRenderer(BaseRenderer):
    media_type = MEDIA_TYPE
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data)


class OrjsonParser(BaseParser):
    """Names the media type to the framework and the schema; views read with `json_body`."""

    media_type = MEDIA_TYPE

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return orjson.loads(stream.read())


class OnlyJson(BaseContentNegotiation):
    """Every answer is JSON, whatever Accept says."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self,
        request: Request,
        renderers: Iterable[BaseRenderer],
        format_suffix: str | None = None,
    ) -> tuple[BaseRenderer, str]:
        return next(iter(renderers)), MEDIA_TYPE
