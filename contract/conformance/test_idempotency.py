"""One key, one order: replays, reuse, concurrency."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import orjson

from driver.http import Answer
from driver.problems import expect_problem
from driver.shop import Customer, Shop, order_body, succeeded, unique

T = TypeVar("T")


def expect_replay(first: Answer, again: Answer) -> None:
    assert "Idempotency-Replayed" not in first.headers, f"{first}"
    assert again.headers.get("Idempotency-Replayed") == "true", f"{again}"
    assert (again.status, again.content) == (first.status, first.content)
    for name in ("Content-Type", "Location"):
        assert again.headers.get(name) == first.headers.get(name)


def orders(customer: Customer) -> int:
    return len(succeeded(customer.caller.get("/orders"), 200)["items"])


def test_the_same_request_again(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=5)
    customer.put_in_cart(product)
    key = unique("key")
    first = customer.checkout(key=key)
    succeeded(first, 201)
    expect_replay(first, customer.checkout(key=key))
    # Whatever happened in between: the answer is the first one, and nothing is ordered.
    customer.put_in_cart(product, 2)
    succeeded(customer.caller.post(f"/orders/{first.body['id']}/cancel"), 200)
    expect_replay(first, customer.checkout(key=key))
    assert orders(customer) == 1
    assert len(succeeded(customer.caller.get("/cart"), 200)["lines"]) == 1


def test_equal_json_is_the_same_body(shop: Shop, customer: Customer) -> None:
    customer.put_in_cart(shop.add_product())
    key = unique("key")
    first = customer.checkout(key=key)
    body = order_body()
    turned = dict(reversed(body.items())) | {
        "shipping_address": dict(reversed(body["shipping_address"].items()))
    }
    again = customer.caller.call(
        "POST",
        "/orders",
        content=b"\n " + orjson.dumps(turned, option=orjson.OPT_INDENT_2) + b" ",
        headers={"Idempotency-Key": key, "Content-Type": "application/json; charset=utf-8"},
    )
    expect_replay(first, again)


def test_another_body_is_refused(shop: Shop, customer: Customer) -> None:
    customer.put_in_cart(shop.add_product())
    key = unique("key")
    succeeded(customer.checkout(key=key), 201)
    expect_problem(customer.checkout(key=key, city="Cork"), "idempotency-key-reused")
    expect_problem(customer.checkout("tok_declined", key=key), "idempotency-key-reused")
    assert orders(customer) == 1


def test_refusals_are_replayed(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=1)
    keys = [unique("key") for _ in range(4)]
    empty = customer.checkout(key=keys[0])
    expect_problem(empty, "cart-empty")
    customer.put_in_cart(product, 2)
    lacking = customer.checkout(key=keys[1])
    customer.put_in_cart(product, 1)
    declined = customer.checkout("tok_declined", key=keys[2])
    failed = customer.checkout("tok_error", key=keys[3])
    assert [lacking.status, declined.status, failed.status] == [409, 402, 503]
    expect_replay(empty, customer.checkout(key=keys[0]))
    expect_replay(lacking, customer.checkout(key=keys[1]))
    expect_replay(declined, customer.checkout("tok_declined", key=keys[2]))
    expect_replay(failed, customer.checkout("tok_error", key=keys[3]))
    assert orders(customer) == 3


def test_invalid_requests_do_not_use_up_the_key(shop: Shop, customer: Customer) -> None:
    customer.put_in_cart(shop.add_product())
    key = unique("key")
    assert customer.checkout("", key=key).status == 422
    headers = {"Idempotency-Key": key}
    assert customer.caller.call("POST", "/orders", content=b"{", headers=headers).status == 415
    headers["Content-Type"] = "application/json"
    assert customer.caller.call("POST", "/orders", content=b"{", headers=headers).status == 400
    answer = customer.checkout(key=key)
    succeeded(answer, 201)
    assert "Idempotency-Replayed" not in answer.headers


def test_keys_are_private(shop: Shop, customer: Customer) -> None:
    other = shop.register()
    product = shop.add_product()
    key = unique("key")
    for buyer in (customer, other):
        buyer.put_in_cart(product)
    first, second = customer.checkout(key=key), other.checkout(key=key, city="Cork")
    assert succeeded(first, 201)["id"] != succeeded(second, 201)["id"]


def test_keys_are_literal(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=20)
    base = unique("Key")
    keys = [base, base.lower(), base + "'\"%_\\;--", base + "  x", "k" * 184 + base[:16]]
    for key in keys:
        customer.put_in_cart(product)
        first = customer.checkout(key=key)
        succeeded(first, 201)
        expect_replay(first, customer.checkout(key=key))
    assert orders(customer) == len(keys)


def test_at_once(shop: Shop, customer: Customer) -> None:
    """Eight threads with one key: one order; the others wait, are told to, or get the replay."""
    product = shop.add_product(stock=50)
    customer.put_in_cart(product, 3)
    key = unique("key")
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: customer.checkout("tok_slow", key=key), range(8)))
    created = [answer for answer in answers if answer.status == 201]
    assert len({answer.content for answer in created}) == 1
    fresh = [answer for answer in created if "Idempotency-Replayed" not in answer.headers]
    assert len(fresh) == 1
    for answer in answers:
        if answer.status != 201:
            expect_problem(answer, "idempotency-key-in-use")
    assert orders(customer) == 1
    assert shop.stock_of(product) == {"on_hand": 47, "reserved": 0, "available": 47}
    expect_replay(fresh[0], customer.checkout("tok_slow", key=key))


def test_running_keys_still_know_their_body(shop: Shop, customer: Customer) -> None:
    customer.put_in_cart(shop.add_product())
    key = unique("key")
    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(customer.checkout, "tok_slow", key)
        other = customer.checkout(key=key, city="Cork")
        first = slow.result()
    statuses = Counter([first.status, other.status])
    assert statuses == Counter({201: 1, 422: 1}), f"{first}\n{other}"
    refused = first if first.status == 422 else other
    expect_problem(refused, "idempotency-key-reused")


def test_the_last_units_are_sold_once(shop: Shop) -> None:
    product = shop.add_product(stock=3)
    buyers = [shop.register() for _ in range(6)]
    for buyer in buyers:
        buyer.put_in_cart(product)
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda buyer: buyer.checkout(), buyers))
    assert Counter(answer.status for answer in answers) == Counter({201: 3, 409: 3})
    for answer in answers:
        if answer.status == 409:
            order_id = answer.body["order_id"]
            expect_problem(answer, "out-of-stock", products=[product["id"]], order_id=order_id)
    assert shop.stock_of(product) == {"on_hand": 0, "reserved": 0, "available": 0}


def test_one_cancels(shop: Shop, customer: Customer) -> None:
    product = shop.add_product(stock=5)
    order_id = customer.order(product, 2)["id"]
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda _: customer.caller.post(f"/orders/{order_id}/cancel"), range(6))
        )
    assert Counter(answer.status for answer in answers) == Counter({200: 1, 409: 5})
    assert shop.stock_of(product) == {"on_hand": 5, "reserved": 0, "available": 5}


def test_stock_cannot_go_below_what_is_reserved(shop: Shop, customer: Customer) -> None:
    """While a slow payment is taken, its units are reserved and staff cannot take them away."""

    def try_to_take(product: Any) -> tuple[Answer, dict[str, int], Answer]:
        refused = shop.staff.put(f"/inventory/{product['id']}", {"on_hand": 3})
        seen = shop.stock_of(product)
        return refused, seen, shop.staff.put(f"/inventory/{product['id']}", {"on_hand": 9})

    product, (refused, seen, raised) = during_a_slow_payment(shop, customer, 4, try_to_take)
    expect_problem(refused, "on-hand-below-reserved")
    assert seen == {"on_hand": 5, "reserved": 4, "available": 1}
    assert succeeded(raised, 200)["available"] == 5
    assert shop.stock_of(product) == {"on_hand": 5, "reserved": 0, "available": 5}


def test_a_cart_changed_meanwhile_is_kept(shop: Shop, customer: Customer) -> None:
    added = shop.add_product(stock=100)
    ordered, _ = during_a_slow_payment(shop, customer, 1, lambda _: customer.put_in_cart(added))
    order = succeeded(customer.caller.get("/orders"), 200)["items"][0]
    placed = succeeded(customer.caller.get(f"/orders/{order['id']}"), 200)
    assert [line["product_id"] for line in placed["lines"]] == [ordered["id"]]
    left = succeeded(customer.caller.get("/cart"), 200)["lines"]
    assert [line["product_id"] for line in left] == sorted([ordered["id"], added["id"]])


def during_a_slow_payment(
    shop: Shop, customer: Customer, quantity: int, act: Callable[[Any], T]
) -> tuple[Any, T]:
    """A product of five that is being ordered, and what `act` gave of it meanwhile.

    The payment takes a moment. Where the machine was too busy to act within it nothing is proven,
    and it is tried again.
    """
    for _ in range(5):
        assert customer.caller.delete("/cart").status == 204
        product = shop.add_product(stock=5)
        customer.put_in_cart(product, quantity)
        with ThreadPoolExecutor(1) as pool:
            placing = pool.submit(customer.checkout, "tok_slow")
            while shop.stock_of(product)["reserved"] == 0 and not placing.done():
                pass
            made = act(product)
            in_time = not placing.done()
            succeeded(placing.result(), 201)
        if in_time:
            return product, made
    raise AssertionError("the machine is too busy: no order was slow enough to be watched")
