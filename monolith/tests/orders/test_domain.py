from typing import Any

import orjson
import pytest

from shop.orders.domain import (
    TRANSITIONS,
    Action,
    Line,
    OrderStatus,
    Rejection,
    fingerprint,
    total,
)
from tests.golden import cases

STATES = cases("order_states")


def test_the_words_of_the_states() -> None:
    assert set(OrderStatus) == set(STATES["statuses"])
    assert set(Action) == set(STATES["actions"])
    assert set(Rejection) == set(STATES["rejections"])


@pytest.mark.parametrize(
    "case", STATES["transitions"], ids=lambda case: f"{case['action']} {case['from']}"
)
def test_what_an_action_does(case: dict[str, Any]) -> None:
    transition = TRANSITIONS[Action(case["action"])]
    moves = transition.source == case["from"]
    assert (transition.target if moves else None) == case["to"]


@pytest.mark.parametrize("case", cases("money")["carts"], ids=lambda case: case["name"])
def test_what_an_order_comes_to(case: dict[str, Any]) -> None:
    lines = [
        Line(line["product_id"], "", line["unit_price"]["amount"], line["quantity"])
        for line in case["lines"]
    ]
    assert [line.subtotal for line in lines] == [
        line["subtotal"]["amount"] for line in case["lines"]
    ]
    assert total(lines) == case["total"]["amount"]


@pytest.mark.parametrize("case", cases("fingerprint")["bodies"], ids=lambda case: case["name"])
def test_what_makes_two_requests_the_same(case: dict[str, Any]) -> None:
    assert fingerprint(orjson.loads(case["body"])) == case["sha256"]
