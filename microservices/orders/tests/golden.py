"""The contract's golden cases."""

import json
from pathlib import Path
from typing import Any

CASES = Path(__file__).parents[3] / "contract" / "cases"


def golden(name: str) -> Any:
    return json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
