"""What follows within five seconds: notifications, bestsellers, recommendations."""

import math
from typing import Any

from driver.http import Caller
from driver.problems import expect_problem
from driver.shop import SETTLED_WITHIN, Customer, Shop, eventually, succeeded, unique, walk


def inbox(caller: Caller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = succeeded(caller.get("/notifications"), 200)["items"]
    return items


def settled_inbox(customer: Customer, size: int) -> list[dict[str, Any]]:
    return eventually(
        lambda: inbox(customer.caller), lambda items: len(items) >= size, SETTLED_WITHIN
    )


def test_welcome(shop: Shop) -> None:
    customer = shop.register(name="{name} %s <Ada>")
    (welcome,) = settled_inbox(customer, 1)
    assert (welcome["kind"], welcome["order_id"]) == ("welcome", None)
    assert welcome["subject"] == "Welcome to the shop"
    assert welcome["body"] == "Hello {name} %s <Ada>, your account is ready."


def test_a_life_of_orders(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=10)
    settled_inbox(customer, 1)
    shipped, cancelled = customer.order(product)["id"], customer.order(product)["id"]
    customer.put_in_cart(product)
    assert customer.checkout("tok_declined").status == 402
    settled_inbox(customer, 3)
    succeeded(shop.staff.post(f"/orders/{shipped}/ship"), 200)
    succeeded(customer.caller.post(f"/orders/{cancelled}/cancel"), 200)
    items = settled_inbox(customer, 5)
    said = {(item["kind"], item["subject"], item["body"], item["order_id"]) for item in items}
    assert said == {
        ("welcome", "Welcome to the shop", "Hello Ada Lovelace, your account is ready.", None),
        *(
            ("order-confirmed", "Order confirmed", f"Your order {order_id} is confirmed.", order_id)
            for order_id in (shipped, cancelled)
        ),
        ("order-shipped", "Order shipped", f"Your order {shipped} is on its way.", shipped),
        (
            "order-cancelled",
            "Order cancelled",
            f"Your order {cancelled} is cancelled and refunded.",
            cancelled,
        ),
    }
    assert len(items) == 5
    expected = sorted(items, key=lambda item: (item["created_at"], item["id"]), reverse=True)
    assert items == expected
    assert items[-1]["kind"] == "welcome"
    pages = walk(customer.caller, "/notifications", limit=2)
    assert [item for page in pages for item in page] == items


def test_inboxes_are_private(shop: Shop, customer: Customer) -> None:
    other = shop.register(name="Grace")
    bodies = [item["body"] for item in settled_inbox(other, 1)]
    assert bodies == ["Hello Grace, your account is ready."]
    (mine,) = settled_inbox(customer, 1)
    assert "Ada" in mine["body"]


def test_sold_counts_confirmed_units_and_cancelling_does_not_subtract(
    shop: Shop, customer: Customer
) -> None:
    word = unique("q").replace("-", "")
    products = [shop.add_product(name=f"{name} {word}", stock=20) for name in "abc"]
    order = customer.order(products[1], 5)
    succeeded(customer.caller.post(f"/orders/{order['id']}/cancel"), 200)
    customer.order(products[2], 3)
    customer.put_in_cart(products[0], 9)
    assert customer.checkout("tok_declined").status == 402

    def bestsellers() -> list[tuple[int, int]]:
        params = [("search", word), ("sort", "bestselling")]
        items = succeeded(shop.anonymous.get("/products", params), 200)["items"]
        return [(item["id"], item["sold"]) for item in items]

    expected = [(products[1]["id"], 5), (products[2]["id"], 3), (products[0]["id"], 0)]
    assert eventually(bestsellers, lambda seen: seen == expected, SETTLED_WITHIN) == expected
    assert shop.product(products[1])["sold"] == 5


def recommended(shop: Shop, product: dict[str, Any], limit: int = 20) -> list[dict[str, Any]]:
    path = f"/products/{product['id']}/recommendations"
    answer = shop.anonymous.get(path, [("limit", str(limit))])
    if answer.status == 404:
        return []
    body = succeeded(answer, 200)
    assert body["next_cursor"] is None
    items: list[dict[str, Any]] = body["items"]
    assert items == sorted(items, key=lambda item: (-item["score"], item["id"]))
    return items


def settled_scores(
    shop: Shop, product: dict[str, Any], expected: dict[int, float]
) -> dict[int, float]:
    def scores() -> dict[int, float]:
        found = recommended(shop, product)
        return {item["id"]: item["score"] for item in found if item["id"] in expected}

    return eventually(scores, lambda seen: seen == expected, SETTLED_WITHIN)


def test_recommendations_by_attributes(shop: Shop) -> None:
    tags = [unique("t") for _ in range(3)]
    first = shop.add_product(price=1000, tags=tags, stock=None)
    same = shop.add_product(price=1000, tags=tags, stock=None)
    close = shop.add_product(price=100, tags=tags[:2], stock=None)
    # Five features against five; five against four with three in common.
    expected = {same["id"]: 1.0, close["id"]: round(3 / (20**0.5), 6)}
    assert settled_scores(shop, first, expected) == expected
    top = recommended(shop, first, 1)
    assert top == [{"id": same["id"], "name": same["name"], "price": same["price"], "score": 1.0}]


def test_recommendations_follow_changes(shop: Shop) -> None:
    tags = [unique("t") for _ in range(8)]
    first = shop.add_product(price=1000, tags=tags, stock=None)
    other = shop.add_product(price=1000, tags=[], stock=None)
    change = {"tags": tags, "name": "Renamed", "price": {"amount": 1001, "currency": "EUR"}}
    succeeded(shop.staff.patch(f"/products/{other['id']}", change), 200)
    expected = {"id": other["id"], "name": "Renamed", "price": change["price"], "score": 1.0}

    def top() -> list[dict[str, Any]]:
        return recommended(shop, first, 1)

    assert eventually(top, lambda seen: seen == [expected], SETTLED_WITHIN) == [expected]


def test_recommendations_by_what_is_bought_together(shop: Shop, customer: Customer) -> None:
    first, second, third = (
        shop.add_product(category=shop.categories[index], price=price, tags=[unique("t")])
        for index, price in ((0, 10), (1, 5000), (1, 900_000))
    )
    for _ in range(5):
        for product in (first, second, third):
            customer.put_in_cart(product)
        succeeded(customer.checkout(), 201)
    # Each has three attributes of its own and with:<id> of the other two, ln(1 + 5) each; any two
    # of them share the third.
    weight = math.log(6) ** 2
    score = round(weight / (3 + 2 * weight), 6)
    expected = {second["id"]: score, third["id"]: score}
    assert settled_scores(shop, first, expected) == expected


def test_unknown_product_has_no_recommendations(shop: Shop) -> None:
    expect_problem(shop.anonymous.get("/products/999999999999/recommendations"), "not-found")


def test_default_is_five(shop: Shop) -> None:
    product = shop.anonymous.get("/products", [("limit", "1")]).body["items"][0]
    path = f"/products/{product['id']}/recommendations"
    assert len(succeeded(shop.anonymous.get(path), 200)["items"]) == 5
