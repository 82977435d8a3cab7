"""Placing orders: what succeeds, what is refused, and what each leaves behind."""

import uuid

import pytest

from driver.problems import expect_problem
from driver.shop import ADDRESS, Customer, Shop, money, order_body, succeeded, unique, walk


def test_an_order_is_confirmed_at_once(shop: Shop, customer: Customer) -> None:
    first, second = shop.add_product(price=1999), shop.add_product(price=501)
    customer.put_in_cart(second, 3)
    cart = customer.put_in_cart(first, 2)
    answer = customer.checkout(city="Cork")
    order = succeeded(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/orders/{order['id']}"
    assert "Idempotency-Replayed" not in answer.headers
    assert (order["status"], order["rejection"]) == ("confirmed", None)
    assert order["lines"] == cart["lines"]
    assert order["total"] == money(2 * 1999 + 3 * 501)
    assert order["shipping_address"] == ADDRESS | {"city": "Cork"}
    # Read your writes: order, stock, payment and cart are there at once.
    assert succeeded(customer.caller.get(f"/orders/{order['id']}"), 200) == order
    assert shop.stock_of(first) == {"on_hand": 8, "reserved": 0, "available": 8}
    assert shop.stock_of(second) == {"on_hand": 7, "reserved": 0, "available": 7}
    assert shop.product(first)["available"] == 8
    payment = succeeded(customer.caller.get(f"/payments/{order['id']}"), 200)
    assert payment["order_id"] == order["id"]
    assert (payment["status"], payment["amount"]) == ("captured", order["total"])
    assert succeeded(customer.caller.get("/cart"), 200) == {"lines": [], "total": money(0)}


def test_orders_keep_names_and_prices(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(price=1000)
    order = customer.order(product)
    change = {"name": "Renamed", "price": money(5)}
    succeeded(shop.staff.patch(f"/products/{product['id']}", change), 200)
    assert succeeded(customer.caller.get(f"/orders/{order['id']}"), 200) == order


def test_free_and_dear_orders(shop: Shop, customer: Customer) -> None:
    assert customer.order(shop.add_product(price=0))["total"] == money(0)
    dear = shop.add_product(price=1_000_000_000, stock=99)
    assert customer.order(dear, 99)["total"] == money(99_000_000_000)


def test_the_last_one(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=1)
    customer.order(product)
    assert shop.stock_of(product) == {"on_hand": 0, "reserved": 0, "available": 0}


def test_empty_cart(customer: Customer) -> None:
    expect_problem(customer.checkout(), "cart-empty")
    assert succeeded(customer.caller.get("/orders"), 200)["items"] == []


def test_out_of_stock_reserves_nothing_and_keeps_the_cart(shop: Shop, customer: Customer) -> None:
    plenty, scarce, none = (shop.add_product(stock=stock) for stock in (10, 1, None))
    for product, quantity in ((none, 1), (plenty, 1), (scarce, 2)):
        customer.put_in_cart(product, quantity)
    answer = customer.checkout()
    order = succeeded(customer.caller.get("/orders"), 200)["items"][0]
    products = sorted([scarce["id"], none["id"]])
    expect_problem(answer, "out-of-stock", products=products, order_id=order["id"])
    kept = succeeded(customer.caller.get(f"/orders/{order['id']}"), 200)
    assert (kept["status"], kept["rejection"]) == ("rejected", "out-of-stock")
    assert len(kept["lines"]) == 3
    assert shop.stock_of(plenty) == {"on_hand": 10, "reserved": 0, "available": 10}
    assert shop.stock_of(scarce) == {"on_hand": 1, "reserved": 0, "available": 1}
    assert len(succeeded(customer.caller.get("/cart"), 200)["lines"]) == 3
    expect_problem(customer.caller.get(f"/payments/{order['id']}"), "not-found")


def test_enough_after_all(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=1)
    customer.put_in_cart(product, 2)
    assert customer.checkout().status == 409
    shop.stock(product, 2)
    succeeded(customer.checkout(), 201)


@pytest.mark.parametrize("token", ["tok_declined", "tok_unheard_of", "TOK_OK", "tok_ok "])
def test_declined(shop: Shop, customer: Customer, token: str) -> None:
    product = shop.add_product(price=700, stock=5)
    customer.put_in_cart(product, 2)
    answer = customer.checkout(token)
    order = succeeded(customer.caller.get("/orders"), 200)["items"][0]
    expect_problem(answer, "payment-declined", order_id=order["id"])
    kept = succeeded(customer.caller.get(f"/orders/{order['id']}"), 200)
    assert (kept["status"], kept["rejection"]) == ("rejected", "payment-declined")
    payment = succeeded(customer.caller.get(f"/payments/{order['id']}"), 200)
    assert (payment["status"], payment["amount"]) == ("declined", money(1400))
    assert shop.stock_of(product) == {"on_hand": 5, "reserved": 0, "available": 5}
    assert len(succeeded(customer.caller.get("/cart"), 200)["lines"]) == 1
    succeeded(customer.checkout(), 201)


def test_acquirer_error(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=5)
    customer.put_in_cart(product, 2)
    answer = customer.checkout("tok_error")
    order = succeeded(customer.caller.get("/orders"), 200)["items"][0]
    expect_problem(answer, "payment-unavailable", order_id=order["id"])
    kept = succeeded(customer.caller.get(f"/orders/{order['id']}"), 200)
    assert (kept["status"], kept["rejection"]) == ("rejected", "payment-unavailable")
    expect_problem(customer.caller.get(f"/payments/{order['id']}"), "not-found")
    assert shop.stock_of(product) == {"on_hand": 5, "reserved": 0, "available": 5}
    assert len(succeeded(customer.caller.get("/cart"), 200)["lines"]) == 1


def test_acquirer_that_never_answers(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=5)
    customer.put_in_cart(product)
    answer = customer.checkout("tok_timeout")
    order = succeeded(customer.caller.get("/orders"), 200)["items"][0]
    expect_problem(answer, "payment-unavailable", order_id=order["id"])
    assert shop.stock_of(product) == {"on_hand": 5, "reserved": 0, "available": 5}
    # The acquirer had taken it, so it is given back, at once or by recovery.
    payment = succeeded(customer.caller.get(f"/payments/{order['id']}"), 200)
    assert payment["status"] == "refunded"


def test_slow_acquirer(shop: Shop, customer: Customer) -> None:
    customer.put_in_cart(shop.add_product())
    assert succeeded(customer.checkout("tok_slow"), 201)["status"] == "confirmed"


def test_orders_are_listed_newest_first_and_paged(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=20)
    placed = [customer.order(product, quantity) for quantity in (1, 2, 3, 4, 5)]
    expected = [
        {key: order[key] for key in ("id", "status", "total", "created_at")}
        for order in reversed(placed)
    ]
    everything = succeeded(customer.caller.get("/orders"), 200)
    assert everything == {"items": expected, "next_cursor": None}
    pages = walk(customer.caller, "/orders", limit=2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [item for page in pages for item in page] == expected


def test_orders_are_private(shop: Shop, customer: Customer) -> None:
    order = customer.order(shop.add_product())
    other = shop.register()
    for caller in (other.caller, shop.staff):
        expect_problem(caller.get(f"/orders/{order['id']}"), "not-found")
        expect_problem(caller.get(f"/payments/{order['id']}"), "not-found")
        expect_problem(caller.post(f"/orders/{order['id']}/cancel"), "not-found")
    assert succeeded(other.caller.get("/orders"), 200)["items"] == []
    unknown = uuid.uuid4()
    for path in (f"/orders/{unknown}", f"/payments/{unknown}"):
        expect_problem(customer.caller.get(path), "not-found")


def test_staff_order_as_customers_do(shop: Shop) -> None:
    product = shop.add_product()
    assert shop.staff.delete("/cart").status == 204
    succeeded(shop.staff.put(f"/cart/items/{product['id']}", {"quantity": 1}), 200)
    key = {"Idempotency-Key": unique("key")}
    order = succeeded(shop.staff.post("/orders", order_body(), key), 201)
    assert succeeded(shop.staff.get(f"/orders/{order['id']}"), 200) == order


def test_fields_come_before_the_cart(customer: Customer) -> None:
    answer = customer.caller.post("/orders", {}, headers={"Idempotency-Key": unique("key")})
    assert answer.status == 422
    assert answer.body["type"] == "validation-failed"
