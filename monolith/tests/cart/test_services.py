from collections.abc import Callable
from functools import partial
from threading import Barrier
from uuid import UUID, uuid4

import pytest

from shop.cart import public as cart
from shop.cart.errors import CartFull
from shop.cart.services import cart_empty, cart_line_remove, cart_line_set
from tests.orders.world import at_once

Make = Callable[[int], list[int]]


def quantities(account_id: UUID) -> dict[int, int]:
    snapshot = cart.snapshot(account_id=account_id)
    return {item.product_id: item.quantity for item in snapshot.items}


def filled(products: list[int]) -> UUID:
    account_id = uuid4()
    for product_id in products:
        cart_line_set(account_id=account_id, product_id=product_id, quantity=1)
    return account_id


def test_a_cart_is_cleared_at_the_version_that_was_ordered(make_products: Make) -> None:
    account_id = filled(make_products(2))
    version = cart.snapshot(account_id=account_id).version
    cart.clear(account_id=account_id, version=version)
    assert quantities(account_id) == {}


def test_a_cart_that_has_changed_since_is_not_cleared(make_products: Make) -> None:
    first, second = make_products(2)
    changes: list[Callable[[UUID], None]] = [
        lambda account_id: cart_line_set(account_id=account_id, product_id=first, quantity=5),
        lambda account_id: cart_line_set(account_id=account_id, product_id=second, quantity=1),
        lambda account_id: cart_line_remove(account_id=account_id, product_id=first),
    ]
    for change in changes:
        account_id = filled([first])
        version = cart.snapshot(account_id=account_id).version
        change(account_id)
        left = quantities(account_id)
        cart.clear(account_id=account_id, version=version)
        assert quantities(account_id) == left


def test_a_version_never_comes_twice(make_products: Make) -> None:
    (product_id,) = make_products(1)
    account_id = filled([product_id])
    ordered = cart.snapshot(account_id=account_id).version
    cart_empty(account_id=account_id)
    cart_line_set(account_id=account_id, product_id=product_id, quantity=7)
    cart.clear(account_id=account_id, version=ordered)
    assert quantities(account_id) == {product_id: 7}


@pytest.mark.django_db(transaction=True)
def test_the_last_line_has_room_for_one(make_products: Make) -> None:
    *products, one, other = make_products(51)
    account_id = filled(products)
    together = Barrier(2)

    def put(product_id: int) -> None:
        together.wait(timeout=10)
        cart_line_set(account_id=account_id, product_id=product_id, quantity=1)

    outcomes = at_once(partial(put, one), partial(put, other))
    failures = [future.exception() for future in outcomes if future.exception()]
    assert [type(failure) for failure in failures] == [CartFull]
    assert len(quantities(account_id)) == 50


@pytest.mark.django_db(transaction=True)
def test_the_first_lines_of_a_cart_come_at_once(make_products: Make) -> None:
    products = make_products(4)
    account_id = uuid4()
    together = Barrier(len(products))

    def put(product_id: int) -> None:
        together.wait(timeout=10)
        cart_line_set(account_id=account_id, product_id=product_id, quantity=1)

    for future in at_once(*[partial(put, product_id) for product_id in products]):
        future.result()
    assert quantities(account_id) == dict.fromkeys(products, 1)
