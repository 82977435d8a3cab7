"""Two arms of three lines each: alike they pass, and every way to differ is seen and named."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from differential.call import Call
from differential.ledger import Ledger
from differential.normal import Names, normal_answer, normal_body
from differential.shrink import shrink
from differential.world import DifferenceError, Tally, World
from driver.arms import Arm, Credentials
from driver.http import Caller
from driver.shop import Shop
from tests.answers import answer

ONE = "11111111-1111-4111-8111-111111111111"
TWO = "22222222-2222-4222-8222-222222222222"
Handler = Callable[[httpx.Request], httpx.Response]


def test_ids_become_symbols_in_order_of_appearance() -> None:
    names = Names()
    body = {"id": TWO, "lines": [{"order_id": ONE}, {"order_id": TWO}]}
    expected = {"id": "<uuid:0>", "lines": [{"order_id": "<uuid:1>"}, {"order_id": "<uuid:0>"}]}
    assert normal_body(names, body, frozenset()) == expected
    assert normal_body(names, f"Your order {ONE}.", frozenset()) == "Your order <uuid:1>."


def test_products_of_the_history_have_names_and_others_keep_their_ids() -> None:
    names = Names()
    names.learn("product:0", "1007")
    body = {"product_id": 1007, "id": 3, "products": [1007, 4], "quantity": 1007}
    assert normal_body(names, body, frozenset()) == {
        "product_id": "<product:0>",
        "id": 3,
        "products": ["<product:0>", 4],
        "quantity": 1007,
    }
    assert names.fill("/products/<product:0>?x=<product:1>") == "/products/1007?x=<product:1>"


def test_what_must_be_seen_is_not_normalised_away() -> None:
    body = {"amount": 1999, "available": None, "ok": True, "score": 0.5, "name": "x", "sold": 3}
    assert normal_body(Names(), body, frozenset({"sold"})) == body | {"sold": "<later>"}
    assert normal_body(Names(), {"next_cursor": None}, frozenset()) == {"next_cursor": None}
    times = {"created_at": "2026-11-23T09:30:00.123456Z", "other": "2026-11-23T09:30:00Z"}
    seen = normal_body(Names(), times, frozenset())
    assert seen == {"created_at": "<time>", "other": "2026-11-23T09:30:00Z"}


def test_headers_that_count() -> None:
    names = Names()
    names.learn("product:0", "1007")
    told = answer(201, {}, Location="/api/v1/products/1007", Allow="PUT, GET", Server="x")
    assert normal_answer(names, told, frozenset())["headers"] == {
        "Content-Type": "application/json",
        "Location": "/api/v1/products/<product:0>",
        "Allow": "GET, PUT",
    }


@pytest.fixture
def worlds() -> Iterator[Callable[[Handler, Handler], World]]:
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(2))

        def build(*handlers: Handler) -> World:
            return World([stub(handler, stack) for handler in handlers], pool, Tally())

        yield build


def stub(handler: Handler, stack: ExitStack) -> Shop:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/api/v1/sessions":
            return httpx.Response(201, json={"access_token": "t"})
        return handler(request)

    shop = Shop(Arm("stub", "http://arm"), Credentials("staff", "password"))
    shop.close()
    transport = httpx.MockTransport(respond)
    shop.client = stack.enter_context(httpx.Client(base_url="http://arm", transport=transport))
    shop.anonymous = Caller(shop.client)
    return shop


def always(status: int, body: Any, **headers: str) -> Handler:
    return lambda _request: httpx.Response(status, json=body, headers=headers)


CALL = Call("nobody", "GET", "/cart")


def test_alike_arms_pass_and_are_counted(worlds: Callable[..., World]) -> None:
    world = worlds(always(200, {"id": ONE}), always(200, {"id": TWO}))
    world.step(CALL)
    world.step(CALL)
    assert world.agreed
    assert world._tally == Tally(steps=2, by_status={200: 2})


@pytest.mark.parametrize(
    "other",
    [
        always(201, {"id": TWO, "amount": 1}),
        always(200, {"id": TWO, "amount": 2}),
        always(200, {"id": TWO}),
        always(200, {"id": TWO, "amount": 1, "more": None}),
        always(200, {"id": None, "amount": 1}),
        always(200, {"id": TWO, "amount": 1}, Location="/x"),
        always(200, {"id": TWO, "amount": 1}, **{"Idempotency-Replayed": "true"}),
        always(200, {"id": TWO, "amount": True}),
        lambda _request: httpx.Response(200, text="{"),
    ],
)
def test_every_way_to_differ_is_seen(worlds: Callable[..., World], other: Handler) -> None:
    world = worlds(always(200, {"id": ONE, "amount": 1}), other)
    with pytest.raises(DifferenceError, match="the arms differ on nobody: GET /cart"):
        world.step(CALL)
    assert not world.agreed
    assert world._tally.differences == 1


def test_another_id_for_the_same_thing_is_seen(worlds: Callable[..., World]) -> None:
    def alternating() -> Handler:
        ids = iter((ONE, TWO))
        return lambda _request: httpx.Response(200, json={"id": next(ids)})

    world = worlds(always(200, {"id": ONE}), alternating())
    world.step(CALL)
    with pytest.raises(DifferenceError):
        world.step(CALL)


def test_symbols_are_filled_in_for_each_arm(worlds: Callable[..., World]) -> None:
    def counting(first: int) -> Handler:
        def handle(request: httpx.Request) -> httpx.Response:
            if request.method == "POST":
                return httpx.Response(201, json={"id": first})
            return httpx.Response(200 if str(first) in request.url.path else 404, json={})

        return handle

    world = worlds(counting(1001), counting(2001))
    world.step(Call("nobody", "POST", "/products", json={}, makes="product:0"))
    assert world.step(Call("nobody", "GET", "/products/<product:0>")).status == 200


def test_only_a_checkout_with_fields_is_tried_again_with_others() -> None:
    ledger, refused = Ledger(), answer(422, {})
    for odd in (
        Call("ada", "POST", "/orders", content=b"{"),
        Call("ada", "POST", "/orders", json=[]),
    ):
        ledger.note(odd, refused)
    assert ledger.last_checkout == {}
    checkout = Call("ada", "POST", "/orders", json={"payment_token": "tok_ok"})
    ledger.note(checkout, refused)
    assert ledger.last_checkout == {"ada": checkout}


def test_what_follows_later_must_follow(worlds: Callable[..., World]) -> None:
    world = worlds(always(200, {}), always(200, {}))
    counts = iter(range(100))
    world.settle("sold", lambda _side: next(counts) >= 6, 5, bool)
    with pytest.raises(DifferenceError, match="no arm settled"):
        world.settle("sold", lambda _side: 0, 0, bool)
    with pytest.raises(DifferenceError, match="the arms differ on sold"):
        world.settle("sold", lambda side: side is world.sides[0], 0)


@pytest.mark.parametrize("needed", [{0}, {9}, {3, 4}, {0, 5, 9}, set(range(10))])
def test_shrinking_keeps_just_what_is_needed(needed: set[int]) -> None:
    assert shrink(range(10), lambda some: needed <= set(some), 60) == sorted(needed)


def test_shrinking_stops_in_time() -> None:
    assert shrink(range(10), lambda _some: True, -1) == list(range(10))
