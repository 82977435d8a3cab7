"""Stock: what staff see and set."""

import secrets

from driver.http import Caller
from driver.problems import expect_problem
from driver.shop import Shop, succeeded


def unknown_id() -> int:
    return 10**15 + secrets.randbelow(10**15)


def test_unknown_stock(staff: Caller) -> None:
    expect_problem(staff.get(f"/inventory/{unknown_id()}"), "not-found")


def test_stock_of_a_product_nobody_knows(staff: Caller) -> None:
    product_id = unknown_id()
    expected = {"product_id": product_id, "on_hand": 5, "reserved": 0, "available": 5}
    assert succeeded(staff.put(f"/inventory/{product_id}", {"on_hand": 5}), 200) == expected
    assert succeeded(staff.get(f"/inventory/{product_id}"), 200) == expected


def test_a_product_without_stock_has_no_row(shop: Shop, staff: Caller) -> None:
    product = shop.add_product(stock=None)
    expect_problem(staff.get(f"/inventory/{product['id']}"), "not-found")


def test_setting_again_replaces(shop: Shop) -> None:
    product = shop.add_product(stock=10)
    for on_hand in (3, 0, 1_000_000_000, 3, 3):
        assert shop.stock(product, on_hand)["available"] == on_hand
    assert shop.stock_of(product) == {"on_hand": 3, "reserved": 0, "available": 3}


def test_refused_stock_changes_nothing(shop: Shop, staff: Caller) -> None:
    product = shop.add_product(stock=10)
    assert staff.put(f"/inventory/{product['id']}", {"on_hand": -1}).status == 422
    assert shop.stock_of(product)["on_hand"] == 10
