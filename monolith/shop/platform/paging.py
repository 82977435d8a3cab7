"""Keyset pages: a cursor is the sort, the last value and the last id, in base64url."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

import orjson

from shop.platform.fields import NOT_VALID, Parameters, QueryInteger, Text
from shop.platform.json import rfc3339

_PARTS = 3
_CURSOR = re.compile(r"[A-Za-z0-9_-]+")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def a_string(value: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("not a string")
    return value


def an_integer(value: Any) -> int:
    if type(value) is not int or abs(value) >= 2**63:
        raise ValueError("not an integer")
    return value


def a_moment(value: Any) -> datetime:
    if _MOMENT.fullmatch(a_string(value)) is None:
        raise ValueError("not a moment")
    return datetime.fromisoformat(value)


def a_uuid(value: Any) -> UUID:
    return UUID(a_string(value))


class Cursor(NamedTuple):
    """Where the last page ended."""

    value: Any
    id: Any


Reader = Callable[[Any], Any]


class PageParameters(Parameters):
    """`limit`, and where to go on: `after`, a Cursor or None, in place of `cursor`.

    `positions` says for every sort how to read the value and the id of its cursors; a list
    with one order only has no `sort` parameter and one entry.
    """

    positions: ClassVar[Mapping[str, tuple[Reader, Reader]]]

    limit = QueryInteger(min_value=1, max_value=100, default=20)
    cursor = Text(min_length=0, required=False)

    def complete(self, values: dict[str, Any], errors: dict[str, Any]) -> None:
        values["after"] = None
        if (cursor := values.pop("cursor", None)) is None:
            return
        sort = values.get("sort", "") if "sort" in self.fields else next(iter(self.positions))
        try:
            values["after"] = decode_cursor(cursor, sort, *self.positions[sort])
        except (KeyError, ValueError):
            errors["cursor"] = [NOT_VALID]


class TimelineParameters(PageParameters):
    """Newest first, by a moment and a UUID."""

    positions: ClassVar = {"newest": (a_moment, a_uuid)}


def encode_cursor(sort: str, value: Any, last_id: Any) -> str:
    """Moments keep their microseconds, so that the next page starts exactly there."""
    shown = rfc3339(value) if isinstance(value, datetime) else value
    return urlsafe_b64encode(orjson.dumps([sort, shown, last_id])).rstrip(b"=").decode()


def decode_cursor(cursor: str, sort: str, value: Reader, last_id: Reader) -> Cursor:
    """ValueError for anything that is not a cursor of this very sort.

    `value` and `last_id` (`a_string`, `an_integer`, `a_moment`, `a_uuid`) turn the JSON values
    into Python's and raise ValueError for what cannot be one.
    """
    if _CURSOR.fullmatch(cursor) is None:
        raise ValueError("not of the alphabet")
    parts = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    if not isinstance(parts, list) or len(parts) != _PARTS or parts[0] != sort:
        raise ValueError("a cursor of something else")
    return Cursor(value(parts[1]), last_id(parts[2]))


def page(
    sort: str,
    rows: Sequence[Any],
    limit: int,
    *,
    position: Callable[[Any], tuple[Any, Any]],
    item: Callable[[Any], dict[str, Any]],
) -> dict[str, Any]:
    """The answer to a list, from rows fetched with limit + 1; `position` is (value, id)."""
    shown = rows[:limit]
    following = encode_cursor(sort, *position(shown[-1])) if len(rows) > limit else None
    return {"items": [item(row) for row in shown], "next_cursor": following}


def whole(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A list that has only one page."""
    return {"items": items, "next_cursor": None}
