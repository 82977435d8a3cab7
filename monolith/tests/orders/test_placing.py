from uuid import UUID

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.cart.services import cart_line_set
from shop.catalog.models import Product
from shop.orders.models import Order
from tests.cart.caller import Caller, problem
from tests.orders.world import ADDRESS, World, order_body, place

PROBLEMS = {
    "tok_declined": (402, "payment-declined"),
    "tok_error": (503, "payment-unavailable"),
}


def euros(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


def test_placing_an_order(world: World) -> None:
    mug, kettle = world.product(name="Mug", price=500), world.product(name="Kettle")
    caller = Caller(world.customer({kettle: 1, mug: 3}))
    response = place(caller)
    assert response.status_code == 201
    body = response.json()
    assert response["Location"] == f"/api/v1/orders/{body['id']}"
    assert response["Content-Type"] == "application/json"
    assert "Idempotency-Replayed" not in response
    assert body == {
        "id": str(UUID(body["id"], version=4)),
        "status": "confirmed",
        "rejection": None,
        "lines": [
            {
                "product_id": mug,
                "name": "Mug",
                "unit_price": euros(500),
                "quantity": 3,
                "subtotal": euros(1500),
            },
            {
                "product_id": kettle,
                "name": "Kettle",
                "unit_price": euros(1999),
                "quantity": 1,
                "subtotal": euros(1999),
            },
        ],
        "total": euros(3499),
        "shipping_address": ADDRESS,
        "created_at": body["created_at"],
        "updated_at": body["updated_at"],
    }
    assert caller.get(f"/orders/{body['id']}").json() == body
    assert caller.get(f"/payments/{body['id']}").json()["status"] == "captured"
    assert caller.get("/cart").json()["lines"] == []
    world.audit()


@pytest.mark.parametrize("token", PROBLEMS)
def test_an_order_that_cannot_be_paid(world: World, token: str) -> None:
    caller = Caller(world.customer({world.product(stock=1): 1}))
    response = place(caller, token)
    status, kind = PROBLEMS[token]
    assert problem(response) == (status, kind)
    assert list(response.json()) == ["type", "title", "status", "detail", "order_id"]
    order = caller.get(f"/orders/{response.json()['order_id']}").json()
    assert (order["status"], order["rejection"]) == ("rejected", kind)
    assert len(caller.get("/cart").json()["lines"]) == 1
    assert place(caller, key="another").status_code == 201
    world.audit()


def test_an_acquirer_that_holds_its_answer(world: World) -> None:
    """It has set the money aside, so what is voided shows as refunded."""
    caller = Caller(world.customer({world.product(): 1}))
    response = place(caller, "tok_timeout")
    assert problem(response) == (503, "payment-unavailable")
    order_id = response.json()["order_id"]
    assert caller.get(f"/payments/{order_id}").json()["status"] == "refunded"
    world.audit()


def test_nothing_was_taken_where_nothing_was_recorded(world: World) -> None:
    caller = Caller(world.customer({world.product(): 1}))
    order_id = place(caller, "tok_error").json()["order_id"]
    assert problem(caller.get(f"/payments/{order_id}")) == (404, "not-found")


def test_out_of_stock_names_the_products(world: World) -> None:
    none, enough, few = world.product(stock=0), world.product(), world.product(stock=2)
    caller = Caller(world.customer({few: 3, enough: 1, none: 1}))
    response = place(caller)
    assert problem(response) == (409, "out-of-stock")
    assert response.json()["products"] == [none, few]
    order = caller.get(f"/orders/{response.json()['order_id']}").json()
    assert (order["status"], order["rejection"]) == ("rejected", "out-of-stock")
    assert len(caller.get("/cart").json()["lines"]) == 3
    assert problem(caller.get(f"/payments/{order['id']}")) == (404, "not-found")
    world.audit()


def test_an_empty_cart_is_a_final_answer(world: World) -> None:
    caller = Caller()
    assert problem(place(caller)) == (422, "cart-empty")
    cart_line_set(account_id=caller.account_id, product_id=world.product(), quantity=1)
    again = place(caller)
    assert problem(again) == (422, "cart-empty")
    assert again["Idempotency-Replayed"] == "true"
    assert not Order.objects.exists()


@pytest.mark.parametrize("token", ["tok_ok", "tok_declined", "tok_error", "out of stock"])
def test_a_replay_is_the_same_answer(world: World, token: str) -> None:
    product_id = world.product(stock=0 if token == "out of stock" else 9)
    caller = Caller(world.customer({product_id: 1}))
    first = place(caller, token)
    cart_line_set(account_id=caller.account_id, product_id=product_id, quantity=2)
    Product.objects.update(name="Renamed", price_amount=1)
    again = place(caller, token)
    assert again["Idempotency-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert dict(again.headers) == {**first.headers, "Idempotency-Replayed": "true"}
    assert Order.objects.count() == 1


def test_a_replay_is_the_same_whatever_happened_since(world: World) -> None:
    caller = Caller(world.customer({world.product(): 1}))
    first = place(caller)
    caller.post(f"/orders/{first.json()['id']}/cancel")
    assert place(caller).json() == first.json()


def test_a_key_belongs_to_one_body_and_one_account(world: World) -> None:
    product_id = world.product()
    caller = Caller(world.customer({product_id: 1}))
    place(caller)
    assert problem(place(caller, "tok_declined")) == (422, "idempotency-key-reused")
    other = Caller(world.customer({product_id: 1}))
    response = place(other)
    assert response.status_code == 201
    assert "Idempotency-Replayed" not in response


def test_white_space_and_order_do_not_make_another_body(world: World) -> None:
    caller = Caller(world.customer({world.product(): 1}))
    first = place(caller)
    address = b",".join(b' "%s" : "%s"' % (k.encode(), v.encode()) for k, v in ADDRESS.items())
    body = b'{ "shipping_address": {%s},\n "payment_token": "tok_ok"}' % address
    again = caller.post("/orders", body, Idempotency_Key="key")
    assert (again.status_code, again.content) == (201, first.content)


@pytest.mark.django_db
def test_the_order_of_checks() -> None:
    caller = Caller()
    assert problem(caller.post("/orders", b"{", Authorization="Bearer x"))[0] == 401
    assert problem(caller.post("/orders", b"{")) == (400, "idempotency-key-missing")
    assert problem(caller.post("/orders", b"{", Idempotency_Key="")) == (
        400,
        "idempotency-key-missing",
    )
    response = caller.post("/orders", b"{", Idempotency_Key="k", Content_Type="text/plain")
    assert problem(response) == (415, "unsupported-media-type")
    assert problem(caller.post("/orders", b"{", Idempotency_Key="k")) == (400, "malformed-json")
    assert problem(caller.post("/orders", Idempotency_Key="k")) == (415, "unsupported-media-type")
    assert problem(caller.post("/orders", {}, Idempotency_Key="k")) == (422, "validation-failed")
    assert problem(caller.delete("/orders")) == (405, "method-not-allowed")


@pytest.mark.django_db
def test_a_key_that_is_too_long_is_told_with_the_rest() -> None:
    response = Caller().post("/orders", {"payment_token": 5}, Idempotency_Key="k" * 201)
    assert response.json()["errors"] == [
        {"field": "Idempotency-Key", "message": "must have at most 200 characters"},
        {"field": "payment_token", "message": "must be a string"},
        {"field": "shipping_address", "message": "is required"},
    ]
    response = Caller().post("/orders", order_body(), Idempotency_Key="k" * 201)
    assert problem(response) == (422, "validation-failed")
    assert problem(Caller().post("/orders", order_body(), Idempotency_Key="k" * 200)) == (
        422,
        "cart-empty",
    )


def test_an_invalid_body_does_not_use_up_the_key(world: World) -> None:
    caller = Caller(world.customer({world.product(): 1}))
    assert caller.post("/orders", {}, Idempotency_Key="key").status_code == 422
    assert place(caller).status_code == 201


def test_the_price_of_placing_does_not_grow_with_the_cart(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (1, 20):
        caller = Caller(world.customer({world.product(): 1 for _ in range(count)}))
        # With the eight that begin and end its four transactions.
        with django_assert_num_queries(32):
            assert place(caller).status_code == 201
