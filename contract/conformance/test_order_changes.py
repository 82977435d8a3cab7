"""Shipping and cancelling: the state machine over HTTP."""

import uuid
from typing import Any

import pytest

from driver.http import Answer
from driver.problems import expect_problem
from driver.shop import Customer, Shop, succeeded


def cancel(customer: Customer, order_id: str) -> Answer:
    return customer.caller.post(f"/orders/{order_id}/cancel")


def ship(shop: Shop, order_id: str) -> Answer:
    return shop.staff.post(f"/orders/{order_id}/ship")


def without(order: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in order.items() if key not in names}


def test_cancelling_refunds_and_restocks(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=5)
    order = customer.order(product, 3)
    cancelled = succeeded(cancel(customer, order["id"]), 200)
    assert cancelled["status"] == "cancelled"
    assert cancelled["updated_at"] > order["updated_at"]
    assert without(cancelled, "status", "updated_at") == without(order, "status", "updated_at")
    assert succeeded(customer.caller.get(f"/orders/{order['id']}"), 200) == cancelled
    payment = succeeded(customer.caller.get(f"/payments/{order['id']}"), 200)
    assert (payment["status"], payment["amount"]) == ("refunded", order["total"])
    assert payment["updated_at"] > payment["created_at"]
    assert shop.stock_of(product) == {"on_hand": 5, "reserved": 0, "available": 5}


def test_shipping(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=5)
    order = customer.order(product, 3)
    shipped = succeeded(ship(shop, order["id"]), 200)
    assert shipped["status"] == "shipped"
    assert without(shipped, "status", "updated_at") == without(order, "status", "updated_at")
    assert succeeded(customer.caller.get(f"/orders/{order['id']}"), 200) == shipped
    payment = succeeded(customer.caller.get(f"/payments/{order['id']}"), 200)
    assert payment["status"] == "captured"
    assert shop.stock_of(product)["on_hand"] == 2


@pytest.mark.parametrize("first", ["ship", "cancel"])
def test_only_confirmed_orders_change(shop: Shop, customer: Customer, first: str) -> None:
    product = shop.add_product(stock=5)
    order_id = customer.order(product)["id"]
    succeeded(ship(shop, order_id) if first == "ship" else cancel(customer, order_id), 200)
    settled = succeeded(customer.caller.get(f"/orders/{order_id}"), 200)
    stock = shop.stock_of(product)
    for _ in range(2):
        expect_problem(cancel(customer, order_id), "order-not-confirmed")
        expect_problem(ship(shop, order_id), "order-not-confirmed")
    assert succeeded(customer.caller.get(f"/orders/{order_id}"), 200) == settled
    assert shop.stock_of(product) == stock


def test_rejected_orders_do_not_change(shop: Shop, customer: Customer) -> None:
    customer.put_in_cart(shop.add_product())
    order_id = customer.checkout("tok_declined").body["order_id"]
    expect_problem(cancel(customer, order_id), "order-not-confirmed")
    expect_problem(ship(shop, order_id), "order-not-confirmed")


def test_customers_do_not_ship(shop: Shop, customer: Customer) -> None:
    order = customer.order(shop.add_product())
    expect_problem(customer.caller.post(f"/orders/{order['id']}/ship"), "forbidden")
    assert succeeded(customer.caller.get(f"/orders/{order['id']}"), 200) == order


def test_unknown_orders(shop: Shop, customer: Customer) -> None:
    expect_problem(cancel(customer, str(uuid.uuid4())), "not-found")
    expect_problem(ship(shop, str(uuid.uuid4())), "not-found")


def test_a_body_is_not_looked_at(shop: Shop, customer: Customer) -> None:
    order = customer.order(shop.add_product())
    answer = customer.caller.call("POST", f"/orders/{order['id']}/cancel", content=b"not JSON")
    assert succeeded(answer, 200)["status"] == "cancelled"
