"""The cart: lines, current prices, limits."""

import pytest

from driver.cases import cases
from driver.problems import expect_problem
from driver.shop import Customer, Shop, money, succeeded

EMPTY = {"lines": [], "total": money(0)}
NOWHERE = 999_999_999_999


def test_a_new_cart_is_empty(customer: Customer) -> None:
    assert succeeded(customer.caller.get("/cart"), 200) == EMPTY


def test_lines_are_by_product_id_at_current_prices(shop: Shop, customer: Customer) -> None:
    first, second = shop.add_product(price=1999), shop.add_product(price=501)
    customer.put_in_cart(second, 7)
    cart = customer.put_in_cart(first, 2)
    assert cart == {
        "lines": [
            {
                "product_id": product["id"],
                "name": product["name"],
                "unit_price": product["price"],
                "quantity": quantity,
                "subtotal": money(product["price"]["amount"] * quantity),
            }
            for product, quantity in ((first, 2), (second, 7))
        ],
        "total": money(2 * 1999 + 7 * 501),
    }
    assert succeeded(customer.caller.get("/cart"), 200) == cart
    change = {"name": "Renamed", "price": money(1000)}
    succeeded(shop.staff.patch(f"/products/{first['id']}", change), 200)
    cart = succeeded(customer.caller.get("/cart"), 200)
    assert cart["lines"][0]["name"] == "Renamed"
    assert cart["lines"][0]["subtotal"] == money(2000)
    assert cart["total"] == money(2000 + 7 * 501)


def test_quantity_is_set_not_added(shop: Shop, customer: Customer) -> None:
    product = shop.add_product()
    customer.put_in_cart(product, 5)
    cart = customer.put_in_cart(product, 2)
    assert [line["quantity"] for line in cart["lines"]] == [2]


def test_stock_is_not_asked(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=None)
    assert customer.put_in_cart(product, 99)["lines"][0]["quantity"] == 99
    assert shop.product(product)["available"] == 0


def test_unknown_product(customer: Customer) -> None:
    answer = customer.caller.put(f"/cart/items/{NOWHERE}", {"quantity": 1})
    expect_problem(answer, "not-found")
    assert succeeded(customer.caller.get("/cart"), 200) == EMPTY


def test_removing(shop: Shop, customer: Customer) -> None:
    first, second = shop.add_product(stock=None), shop.add_product(stock=None)
    customer.put_in_cart(first)
    customer.put_in_cart(second)
    for _ in range(2):
        assert customer.caller.delete(f"/cart/items/{first['id']}").status == 204
    left = succeeded(customer.caller.get("/cart"), 200)["lines"]
    assert [line["product_id"] for line in left] == [second["id"]]
    assert customer.caller.delete(f"/cart/items/{NOWHERE}").status == 204
    for _ in range(2):
        assert customer.caller.delete("/cart").status == 204
    assert succeeded(customer.caller.get("/cart"), 200) == EMPTY


def test_carts_are_private(shop: Shop, customer: Customer) -> None:
    customer.put_in_cart(shop.add_product(stock=None))
    other = shop.register()
    assert succeeded(other.caller.get("/cart"), 200) == EMPTY
    assert other.caller.delete("/cart").status == 204
    assert len(succeeded(customer.caller.get("/cart"), 200)["lines"]) == 1


def test_fifty_lines_and_no_more(shop: Shop, customer: Customer) -> None:
    items = succeeded(shop.anonymous.get("/products", [("limit", "51")]), 200)["items"]
    for item in items[:50]:
        customer.put_in_cart(item)
    full = customer.caller.put(f"/cart/items/{items[50]['id']}", {"quantity": 1})
    expect_problem(full, "cart-full")
    unknown = customer.caller.put(f"/cart/items/{NOWHERE}", {"quantity": 1})
    expect_problem(unknown, "not-found")
    assert len(customer.put_in_cart(items[49], 2)["lines"]) == 50
    assert customer.caller.delete(f"/cart/items/{items[0]['id']}").status == 204
    assert len(customer.put_in_cart(items[50])["lines"]) == 50


@pytest.mark.parametrize(
    "case",
    [case for case in cases("money")["carts"] if len(case["lines"]) <= 3],
    ids=lambda case: case["name"],
)
def test_golden_totals(shop: Shop, customer: Customer, case: dict[str, object]) -> None:
    lines = case["lines"]
    assert isinstance(lines, list)
    for line in lines:
        product = shop.add_product(price=line["unit_price"]["amount"], stock=None)
        customer.put_in_cart(product, line["quantity"])
    cart = succeeded(customer.caller.get("/cart"), 200)
    assert cart["total"] == case["total"]
    assert [line["subtotal"] for line in cart["lines"]] == [line["subtotal"] for line in lines]
