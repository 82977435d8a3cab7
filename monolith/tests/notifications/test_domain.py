from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from shop.notifications import domain
from shop.notifications.domain import Message
from tests.golden import cases

ABOUT_ORDERS: dict[str, Callable[[UUID], Message]] = {
    "order-confirmed": domain.order_confirmed,
    "order-shipped": domain.order_shipped,
    "order-cancelled": domain.order_cancelled,
}


@pytest.mark.parametrize("case", cases("notifications")["notifications"], ids=str)
def test_what_notifications_say(case: dict[str, Any]) -> None:
    if case["kind"] == "welcome":
        message = domain.welcome(case["name"])
    else:
        message = ABOUT_ORDERS[case["kind"]](UUID(case["order_id"]))
    assert (message.kind, message.subject, message.body) == (
        case["kind"],
        case["subject"],
        case["body"],
    )
    assert message.order_id == (UUID(case["order_id"]) if case["order_id"] else None)
