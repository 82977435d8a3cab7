import json
from pathlib import Path
from typing import Any

import pytest

from cart.domain import PricedLine, total

CASES = Path(__file__).parents[3] / "contract" / "cases"


@pytest.mark.parametrize(
    "case",
    json.loads((CASES / "money.json").read_text(encoding="utf-8"))["carts"],
    ids=lambda case: case["name"],
)
def test_totals(case: dict[str, Any]) -> None:
    lines = [
        PricedLine(line["product_id"], "any", line["unit_price"]["amount"], line["quantity"])
        for line in case["lines"]
    ]
    assert [line.subtotal for line in lines] == [
        line["subtotal"]["amount"] for line in case["lines"]
    ]
    assert total(lines) == case["total"]["amount"]
