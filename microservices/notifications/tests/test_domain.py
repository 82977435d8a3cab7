"""What notifications say, by the contract's golden cases."""

from typing import Any

import pytest

from notifications.domain import WELCOME, order_message, welcome_message
from tests.conftest import cases


@pytest.mark.parametrize("case", cases("notifications", "notifications"))
def test_words(case: dict[str, Any]) -> None:
    if case["kind"] == WELCOME:
        message = welcome_message(case["name"])
    else:
        message = order_message(case["kind"], case["order_id"])
    assert message == (case["subject"], case["body"])


def test_other_kinds_say_nothing() -> None:
    with pytest.raises(ValueError, match="not a kind"):
        order_message(WELCOME, "x")
