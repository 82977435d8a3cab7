"""The golden cases, as data."""

from pathlib import Path
from typing import Any, Final

import orjson

FOLDER: Final = Path(__file__).parent.parent / "cases"


def cases(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = orjson.loads((FOLDER / f"{name}.json").read_bytes())
    return loaded


def errors_of(case: dict[str, Any]) -> list[tuple[str, str]]:
    return [(error["field"], error["message"]) for error in case["errors"]]
