import json
from typing import Any

import pytest
from golden import golden

from orders.domain import (
    TRANSITIONS,
    Action,
    Line,
    OrderStatus,
    PaymentStatus,
    Rejection,
    Step,
    fingerprint,
    may_have_payment,
    must_ask_payments,
    rejection_of_abandoned,
    total,
)


@pytest.mark.parametrize("case", golden("order_states")["transitions"], ids=str)
def test_an_action_leads_from_one_state_to_one_other(case: dict[str, Any]) -> None:
    transition = TRANSITIONS[Action(case["action"])]
    target = transition.target if transition.source == case["from"] else None
    assert target == case["to"]


def test_the_states_and_rejections_are_those_of_the_contract() -> None:
    states = golden("order_states")
    assert set(OrderStatus) == set(states["statuses"])
    assert set(Rejection) == set(states["rejections"])


@pytest.mark.parametrize("case", golden("money")["carts"], ids=lambda case: case["name"])
def test_totals(case: dict[str, Any]) -> None:
    lines = [
        Line(line["product_id"], "any", line["unit_price"]["amount"], line["quantity"])
        for line in case["lines"]
    ]
    assert [line.subtotal for line in lines] == [
        line["subtotal"]["amount"] for line in case["lines"]
    ]
    assert total(lines) == case["total"]["amount"]


@pytest.mark.parametrize("case", golden("fingerprint")["bodies"], ids=lambda case: case["name"])
def test_fingerprints(case: dict[str, str]) -> None:
    assert fingerprint(json.loads(case["body"])) == case["sha256"]


@pytest.mark.parametrize(
    ("step", "payment", "rejection"),
    [
        (Step.CREATED, PaymentStatus.NONE, Rejection.PAYMENT_UNAVAILABLE),
        (Step.RESERVED, PaymentStatus.NONE, Rejection.PAYMENT_UNAVAILABLE),
        (Step.RESERVED, PaymentStatus.OPEN, Rejection.PAYMENT_UNAVAILABLE),
        (Step.RESERVED, PaymentStatus.VOID, Rejection.PAYMENT_UNAVAILABLE),
        (Step.RESERVED, PaymentStatus.REFUNDED, Rejection.PAYMENT_UNAVAILABLE),
        (Step.RESERVED, PaymentStatus.DECLINED, Rejection.PAYMENT_DECLINED),
        (Step.RESERVED, PaymentStatus.AUTHORIZED, None),
        (Step.RESERVED, PaymentStatus.CAPTURED, None),
        (Step.AUTHORIZED, PaymentStatus.NONE, None),
        (Step.COMMITTED, PaymentStatus.NONE, None),
    ],
)
def test_what_becomes_of_an_abandoned_order(
    step: Step, payment: PaymentStatus, rejection: Rejection | None
) -> None:
    assert rejection_of_abandoned(step, payment) is rejection


def test_payments_are_asked_only_where_the_order_does_not_know() -> None:
    assert [step for step in Step if must_ask_payments(step)] == [Step.RESERVED]
    assert [step for step in Step if not may_have_payment(step)] == [Step.CREATED]
