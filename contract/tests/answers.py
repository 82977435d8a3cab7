"""Answers made by hand."""

import httpx
import orjson

from driver.http import Answer


def answer(
    status: int, body: object, media_type: str = "application/json", **headers: str
) -> Answer:
    """`headers` by name, with `_` for `-`; None as a body is no body."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        named["Content-Type"] = media_type
    content = b"" if body is None else orjson.dumps(body)
    return Answer("GET /somewhere", status, httpx.Headers(named), content)
