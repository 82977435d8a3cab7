from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from shop.platform.json import rfc3339
from shop.platform.paging import (
    a_moment,
    a_string,
    a_uuid,
    an_integer,
    decode_cursor,
    encode_cursor,
)
from tests.golden import cases

READERS: dict[str, Callable[[Any], Any]] = {
    "string": a_string,
    "integer": an_integer,
    "time": a_moment,
    "uuid": a_uuid,
}


@pytest.mark.parametrize("case", cases("cursor")["valid"], ids=lambda case: case["cursor"])
def test_cursors_are_written_and_read(case: dict[str, Any]) -> None:
    value, last_id = READERS[case["value_type"]], READERS[case["id_type"]]
    cursor = decode_cursor(case["cursor"], case["sort"], value, last_id)
    assert cursor == (value(case["value"]), last_id(case["id"]))
    assert encode_cursor(case["sort"], cursor.value, cursor.id) == case["cursor"]


@pytest.mark.parametrize("case", cases("cursor")["invalid"], ids=lambda case: case["name"])
def test_what_is_no_cursor_is_refused(case: dict[str, Any]) -> None:
    value, last_id = READERS[case["value_type"]], READERS[case["id_type"]]
    with pytest.raises(ValueError):  # noqa: PT011 - any will do
        decode_cursor(case["cursor"], case["sort"], value, last_id)


@pytest.mark.parametrize("case", cases("times")["times"], ids=lambda case: case["text"])
def test_moments_have_six_digits(case: dict[str, str]) -> None:
    assert rfc3339(datetime.fromisoformat(case["input"])) == case["text"]


def test_a_cursor_keeps_microseconds() -> None:
    moment = a_moment("2026-11-23T09:30:00.000001Z")
    last_id = UUID(int=7)
    text = encode_cursor("newest", moment, last_id)
    assert decode_cursor(text, "newest", a_moment, a_uuid) == (moment, last_id)
