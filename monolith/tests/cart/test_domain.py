from typing import Any

import pytest

from shop.cart.domain import PricedLine, total
from tests.golden import cases


@pytest.mark.parametrize("case", cases("money")["carts"], ids=lambda case: case["name"])
def test_what_a_cart_comes_to(case: dict[str, Any]) -> None:
    lines = [
        PricedLine(line["product_id"], "", line["unit_price"]["amount"], line["quantity"])
        for line in case["lines"]
    ]
    assert [line.subtotal for line in lines] == [
        line["subtotal"]["amount"] for line in case["lines"]
    ]
    assert total(lines) == case["total"]["amount"]
