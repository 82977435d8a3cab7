"""The contract's golden cases."""

from pathlib import Path
from typing import Any

import orjson

CASES = Path(__file__).parents[2] / "contract" / "cases"


def cases(name: str) -> Any:
    return orjson.loads((CASES / f"{name}.json").read_bytes())
