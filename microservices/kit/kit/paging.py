"""Keyset pages: a cursor is the sort, the last value and the last id, in base64url."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, NamedTuple
from uuid import UUID

import orjson
from fastapi import Query
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from kit.errors import ValidationFailed
from kit.json import Json, dumps, rfc3339

NEWEST = "newest"
_ALPHABET = re.compile(r"[A-Za-z0-9_-]+")
_PARTS = 3


class Cursor(NamedTuple):
    """Where the last page ended."""

    value: Any
    id: Any


def encode_cursor(sort: str, value: Json, last_id: Json) -> str:
    """Moments keep their microseconds, so that the next page starts exactly there."""
    return urlsafe_b64encode(dumps([sort, value, last_id])).rstrip(b"=").decode()


def parse_cursor(
    cursor: str, sort: str, value: Callable[[Json], Any], last_id: Callable[[Json], Any]
) -> Cursor:
    """The position a cursor names; ValueError for what `encode_cursor` did not write.

    `value` and `last_id` are `a_string`, `an_integer`, `a_moment` or `a_uuid`.
    """
    if _ALPHABET.fullmatch(cursor) is None:
        raise ValueError("not base64url")
    parts = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    if not isinstance(parts, list) or len(parts) != _PARTS or parts[0] != sort:
        raise ValueError("not a cursor of this sort")
    position = Cursor(value(parts[1]), last_id(parts[2]))
    if encode_cursor(sort, *position) != cursor:
        raise ValueError("not written as we write it")
    return position


def decode_cursor(
    cursor: str | None, sort: str, value: Callable[[Json], Any], last_id: Callable[[Json], Any]
) -> Cursor | None:
    """`parse_cursor` that answers 422 for a bad cursor and None for none."""
    if cursor is None:
        return None
    try:
        return parse_cursor(cursor, sort, value, last_id)
    except ValueError as error:
        raise ValidationFailed({"cursor": "is not valid"}) from error


def newest_position(cursor: str | None) -> Cursor | None:
    """Where a newest-first list (created_at desc, id desc; UUID ids) goes on."""
    return decode_cursor(cursor, NEWEST, a_moment, a_uuid)


def _newest(cursor: str | None) -> str | None:
    try:
        newest_position(cursor)
    except ValidationFailed as error:
        raise PydanticCustomError("cursor", "is not valid") from error
    return cursor


NewestCursor = Annotated[str | None, AfterValidator(_newest), Query()]
"""The `cursor` of a newest-first list, checked together with the other parameters."""


def next_cursor(
    sort: str, rows: Sequence[Any], limit: int, key: Callable[[Any], tuple[Any, Any]]
) -> str | None:
    """The cursor after `limit` rows, None when `rows` (fetched with limit + 1) end here.

    `key` gives a row's sort value and id.
    """
    if len(rows) <= limit:
        return None
    return encode_cursor(sort, *key(rows[limit - 1]))


def a_string(value: Json) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a string")
    return value


def an_integer(value: Json) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= 2**63:
        raise ValueError("not an integer")
    return value


def a_moment(value: Json) -> datetime:
    moment = datetime.fromisoformat(a_string(value))
    if moment.tzinfo is None or rfc3339(moment) != value:
        raise ValueError("not a moment")
    return moment


def a_uuid(value: Json) -> UUID:
    return UUID(a_string(value))
