from typing import Any

import pytest

from shop.cart.serializers import CartItemWrite
from shop.orders.serializers import OrderWrite
from shop.platform.errors import ValidationFailed
from shop.platform.fields import Strict
from tests.golden import cases

KINDS: dict[str, type[Strict]] = {"createOrder": OrderWrite, "setCartItem": CartItemWrite}
BODIES = [body for body in cases("validation")["bodies"] if body["operation"] in KINDS]


@pytest.mark.parametrize("case", BODIES, ids=lambda case: f"{case['operation']}: {case['name']}")
def test_golden_bodies(case: dict[str, Any]) -> None:
    errors: object = []
    try:
        KINDS[case["operation"]].parse(case["body"])
    except ValidationFailed as failure:
        errors = failure.extra["errors"]
    assert errors == case["errors"]
