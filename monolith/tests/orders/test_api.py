from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.cart.services import cart_line_set
from tests.cart.caller import Caller, problem
from tests.orders.world import World, place


def test_orders_are_their_owners_only(world: World) -> None:
    owner = Caller(world.customer({world.product(): 1}))
    order_id = place(owner).json()["id"]
    for caller in (Caller(), Caller(role="staff")):
        assert problem(caller.get(f"/orders/{order_id}")) == (404, "not-found")
        assert problem(caller.post(f"/orders/{order_id}/cancel")) == (404, "not-found")
        assert caller.get("/orders").json() == {"items": [], "next_cursor": None}
    for unknown in (uuid4(), "x"):
        assert problem(owner.get(f"/orders/{unknown}")) == (404, "not-found")
        assert problem(owner.post(f"/orders/{unknown}/cancel")) == (404, "not-found")
        staff = Caller(role="staff")
        assert problem(staff.post(f"/orders/{unknown}/ship")) == (404, "not-found")


def test_cancelling_gives_everything_back(world: World) -> None:
    caller = Caller(world.customer({world.product(stock=2): 2}))
    order_id = place(caller).json()["id"]
    response = caller.post(f"/orders/{order_id}/cancel")
    assert (response.status_code, response.json()["status"]) == (200, "cancelled")
    assert caller.get(f"/orders/{order_id}").json() == response.json()
    assert caller.get(f"/payments/{order_id}").json()["status"] == "refunded"
    world.audit()
    assert problem(caller.post(f"/orders/{order_id}/cancel")) == (409, "order-not-confirmed")
    staff = Caller(role="staff")
    assert problem(staff.post(f"/orders/{order_id}/ship")) == (409, "order-not-confirmed")


def test_shipping(world: World) -> None:
    caller, staff = Caller(world.customer({world.product(): 1})), Caller(role="staff")
    order_id = place(caller).json()["id"]
    assert problem(caller.post(f"/orders/{order_id}/ship")) == (403, "forbidden")
    response = staff.post(f"/orders/{order_id}/ship")
    assert (response.status_code, response.json()["status"]) == (200, "shipped")
    for again in (
        staff.post(f"/orders/{order_id}/ship"),
        caller.post(f"/orders/{order_id}/cancel"),
    ):
        assert problem(again) == (409, "order-not-confirmed")
    world.audit()


@pytest.mark.parametrize("token", ["tok_declined", "tok_error"])
def test_a_rejected_order_does_not_change(world: World, token: str) -> None:
    caller = Caller(world.customer({world.product(): 1}))
    order_id = place(caller, token).json()["order_id"]
    assert problem(caller.post(f"/orders/{order_id}/cancel")) == (409, "order-not-confirmed")


def test_the_list_is_newest_first_and_in_pages(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    product_id = world.product()
    caller = Caller(world.customer())
    ids = []
    for number in range(5):
        cart_line_set(account_id=caller.account_id, product_id=product_id, quantity=1)
        ids.append(place(caller, key=str(number)).json()["id"])
    listed: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        with django_assert_num_queries(1):
            answer = caller.get(f"/orders?limit=2{cursor and '&cursor='}{cursor}").json()
        listed += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
    assert listed == ids[::-1]
    first = caller.get("/orders").json()["items"][0]
    assert list(first) == ["id", "status", "total", "created_at"]
    assert problem(caller.get("/orders?cursor=nonsense")) == (422, "validation-failed")
    assert problem(caller.get("/orders?limit=0")) == (422, "validation-failed")


def test_an_order_takes_two_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 4):
        cart = {world.product(): 1 for _ in range(count)}
        caller = Caller(world.customer(cart))
        order_id = place(caller).json()["id"]
        with django_assert_num_queries(2):
            assert len(caller.get(f"/orders/{order_id}").json()["lines"]) == count
