from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.inventory import public
from tests.client import Client

pytestmark = pytest.mark.django_db


def test_staff_set_and_read_stock(
    staff: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    assert staff.get("/inventory/7").problem() == (404, "not-found")
    with django_assert_num_queries(1):
        answer = staff.put("/inventory/7", {"on_hand": 5})
    expected = {"product_id": 7, "on_hand": 5, "reserved": 0, "available": 5}
    assert (answer.status, answer.body) == (200, expected)
    with django_assert_num_queries(1):
        assert staff.get("/inventory/7").body == expected


def test_on_hand_is_never_below_reserved(staff: Client) -> None:
    staff.put("/inventory/7", {"on_hand": 5})
    public.reserve(order_id=uuid4(), lines={7: 3})
    assert staff.put("/inventory/7", {"on_hand": 2}).problem() == (409, "on-hand-below-reserved")
    assert staff.get("/inventory/7").body["on_hand"] == 5
    assert staff.put("/inventory/7", {"on_hand": 3}).body == {
        "product_id": 7,
        "on_hand": 3,
        "reserved": 3,
        "available": 0,
    }


def test_ids_that_name_nothing(staff: Client) -> None:
    for unknown in ("0", "x", "9" * 19):
        assert staff.get(f"/inventory/{unknown}").problem() == (404, "not-found")
        assert staff.put(f"/inventory/{unknown}", {"on_hand": 1}).problem() == (404, "not-found")
        assert staff.put(f"/inventory/{unknown}", {}).errors() == {"on_hand": "is required"}


def test_stock_is_for_staff(customer: Client) -> None:
    assert customer.get("/inventory/7").problem() == (403, "forbidden")
    assert customer.put("/inventory/7", {"on_hand": 5}).problem() == (403, "forbidden")
