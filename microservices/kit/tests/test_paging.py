"""Cursors and moments, by the contract's golden cases."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kit.errors import ValidationFailed
from kit.json import rfc3339
from kit.paging import (
    NEWEST,
    a_moment,
    a_string,
    a_uuid,
    an_integer,
    decode_cursor,
    encode_cursor,
    newest_position,
    next_cursor,
    parse_cursor,
)

CASES = Path(__file__).parents[3] / "contract" / "cases"
READERS: dict[str, Callable[[Any], Any]] = {
    "string": a_string,
    "integer": an_integer,
    "time": a_moment,
    "uuid": a_uuid,
}


def cases(name: str, group: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((CASES / name).read_text(encoding="utf-8"))[group]
    return found


@pytest.mark.parametrize("case", cases("cursor.json", "valid"))
def test_cursors_are_written_and_read(case: dict[str, Any]) -> None:
    value, last_id = READERS[case["value_type"]], READERS[case["id_type"]]
    position = parse_cursor(case["cursor"], case["sort"], value, last_id)
    assert position == (value(case["value"]), last_id(case["id"]))
    assert encode_cursor(case["sort"], *position) == case["cursor"]


@pytest.mark.parametrize("case", cases("cursor.json", "invalid"), ids=lambda case: case["name"])
def test_other_cursors_are_refused(case: dict[str, Any]) -> None:
    value, last_id = READERS[case["value_type"]], READERS[case["id_type"]]
    with pytest.raises(ValidationFailed) as refusal:
        decode_cursor(case["cursor"], case["sort"], value, last_id)
    assert refusal.value.extra == {"errors": [{"field": "cursor", "message": "is not valid"}]}


@pytest.mark.parametrize("case", cases("times.json", "times"))
def test_moments(case: dict[str, str]) -> None:
    assert rfc3339(datetime.fromisoformat(case["input"])) == case["text"]


def test_pages() -> None:
    moment = a_moment("2026-11-23T09:30:00.000001Z")
    rows = [(moment, UUID(int=number)) for number in range(3)]
    assert next_cursor(NEWEST, rows, 3, lambda row: row) is None
    assert newest_position(next_cursor(NEWEST, rows, 2, lambda row: row)) == rows[1]
    assert newest_position(None) is None
