from collections.abc import Callable

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.cart.models import CartLine
from shop.catalog.models import Product
from tests.cart.caller import Caller, problem

Make = Callable[[int], list[int]]


def euros(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "EUR"}


@pytest.mark.django_db
def test_an_empty_cart() -> None:
    response = Caller().get("/cart")
    assert response.status_code == 200
    assert response.json() == {"lines": [], "total": euros(0)}


def test_lines_are_in_the_order_of_products(make_products: Make) -> None:
    first, second = make_products(2)
    caller = Caller()
    caller.put(f"/cart/items/{second}", {"quantity": 3})
    response = caller.put(f"/cart/items/{first}", {"quantity": 1})
    assert response.status_code == 200
    assert response.json() == caller.get("/cart").json()
    assert response.json() == {
        "lines": [
            {
                "product_id": first,
                "name": "Product 1",
                "unit_price": euros(100),
                "quantity": 1,
                "subtotal": euros(100),
            },
            {
                "product_id": second,
                "name": "Product 2",
                "unit_price": euros(200),
                "quantity": 3,
                "subtotal": euros(600),
            },
        ],
        "total": euros(700),
    }


def test_prices_and_names_are_of_today(make_products: Make) -> None:
    (product_id,) = make_products(1)
    caller = Caller()
    caller.put(f"/cart/items/{product_id}", {"quantity": 2})
    Product.objects.update(name="Renamed", price_amount=150)
    (line,) = caller.get("/cart").json()["lines"]
    assert (line["name"], line["subtotal"]) == ("Renamed", euros(300))


def test_a_quantity_replaces_the_one_before(make_products: Make) -> None:
    (product_id,) = make_products(1)
    caller = Caller()
    caller.put(f"/cart/items/{product_id}", {"quantity": 99})
    caller.put(f"/cart/items/{product_id}", {"quantity": 2})
    assert caller.get("/cart").json()["total"] == euros(200)


def test_removing_is_never_refused(make_products: Make) -> None:
    first, second = make_products(2)
    caller = Caller()
    assert caller.delete("/cart").status_code == 204
    caller.put(f"/cart/items/{first}", {"quantity": 1})
    caller.put(f"/cart/items/{second}", {"quantity": 1})
    for _ in range(2):
        response = caller.delete(f"/cart/items/{first}")
        assert (response.status_code, response.content) == (204, b"")
    assert [line["product_id"] for line in caller.get("/cart").json()["lines"]] == [second]
    for _ in range(2):
        assert caller.delete("/cart").status_code == 204
    assert caller.get("/cart").json()["lines"] == []


@pytest.mark.django_db
def test_what_has_no_line() -> None:
    caller = Caller()
    assert caller.delete("/cart/items/999999").status_code == 204
    for malformed in ("x", "-1", "1" * 30):
        assert problem(caller.delete(f"/cart/items/{malformed}")) == (404, "not-found")
    for unknown in ("999999", "x", "1" * 30):
        response = caller.put(f"/cart/items/{unknown}", {"quantity": 1})
        assert problem(response) == (404, "not-found")
        response = caller.put(f"/cart/items/{unknown}", {"quantity": 0})
        assert problem(response) == (422, "validation-failed")


def test_a_cart_has_room_for_fifty_lines(make_products: Make) -> None:
    *products, one_more = make_products(51)
    caller = Caller()
    for product_id in products:
        assert caller.put(f"/cart/items/{product_id}", {"quantity": 1}).status_code == 200
    response = caller.put(f"/cart/items/{one_more}", {"quantity": 1})
    assert problem(response) == (422, "cart-full")
    assert caller.put(f"/cart/items/{products[0]}", {"quantity": 5}).status_code == 200
    caller.delete(f"/cart/items/{products[0]}")
    assert caller.put(f"/cart/items/{one_more}", {"quantity": 1}).status_code == 200


def test_everybody_has_a_cart_of_their_own(make_products: Make) -> None:
    (product_id,) = make_products(1)
    Caller().put(f"/cart/items/{product_id}", {"quantity": 1})
    assert Caller().get("/cart").json()["lines"] == []


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ([], "body", "must be an object"),
        ({}, "quantity", "is required"),
        ({"quantity": 0}, "quantity", "must be at least 1"),
        ({"quantity": 100}, "quantity", "must be at most 99"),
        ({"quantity": 2.0}, "quantity", "must be an integer"),
        ({"quantity": True}, "quantity", "must be an integer"),
        ({"quantity": 1, "price": 0}, "price", "is not allowed"),
    ],
)
def test_invalid_quantities(make_products: Make, body: object, field: str, message: str) -> None:
    (product_id,) = make_products(1)
    response = Caller().put(f"/cart/items/{product_id}", body)
    assert problem(response) == (422, "validation-failed")
    assert response.json()["errors"] == [{"field": field, "message": message}]
    assert not CartLine.objects.exists()


def test_reading_a_cart_takes_two_queries(
    make_products: Make, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    caller = Caller()
    for count, product_id in enumerate(make_products(3), start=1):
        caller.put(f"/cart/items/{product_id}", {"quantity": 1})
        with django_assert_num_queries(2):
            assert len(caller.get("/cart").json()["lines"]) == count


def test_writing_to_a_cart_takes_a_fixed_number_of_queries(
    make_products: Make, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    caller = Caller()
    products = make_products(3)
    for product_id in products:
        caller.put(f"/cart/items/{product_id}", {"quantity": 1})
    # The product, the version, the line, and the two of reading; savepoints are the test's.
    with django_assert_max_num_queries(7):
        caller.put(f"/cart/items/{products[0]}", {"quantity": 2})
