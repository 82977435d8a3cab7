"""The other store, by the tests that the tables pass, and with what is its own."""

from collections.abc import Callable, Iterator
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import transaction

from shop.cart import valkey
from shop.cart.errors import CartFull
from shop.platform.errors import NotFound

Make = Callable[[int], list[int]]


@pytest.fixture(autouse=True)
def _store(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The tests' Valkey; carts of accounts that nobody else has."""
    monkeypatch.setattr(settings, "CART_STORE_URL", settings.CELERY_BROKER_URL)
    valkey._store.cache_clear()
    yield
    valkey._store().close()
    valkey._store.cache_clear()


@pytest.fixture
def account_id() -> Iterator[UUID]:
    account_id = uuid4()
    yield account_id
    valkey._store().delete(valkey._key(account_id))


def quantities(account_id: UUID) -> dict[int, int]:
    items = valkey.cart_snapshot(account_id=account_id).items
    return {item.product_id: item.quantity for item in items}


def put(account_id: UUID, product_id: int, quantity: int = 1) -> None:
    valkey.cart_line_set(account_id=account_id, product_id=product_id, quantity=quantity)


def test_lines_are_set_priced_removed_and_emptied(make_products: Make, account_id: UUID) -> None:
    first, second = make_products(2)
    assert valkey.cart_lines(account_id=account_id) == []
    put(account_id, second, 2)
    put(account_id, first, 3)
    lines = valkey.cart_lines(account_id=account_id)
    assert [(line.product_id, line.subtotal) for line in lines] == [(first, 300), (second, 400)]
    valkey.cart_line_remove(account_id=account_id, product_id=first)
    assert quantities(account_id) == {second: 2}
    valkey.cart_empty(account_id=account_id)
    assert valkey.cart_snapshot(account_id=account_id).version == 0


def test_a_product_must_be_known_and_have_room(make_products: Make, account_id: UUID) -> None:
    *products, last = make_products(51)
    for product_id in products:
        put(account_id, product_id)
    with pytest.raises(CartFull):
        put(account_id, last)
    put(account_id, products[0], 9)
    with pytest.raises(NotFound):
        put(account_id, last + 1)
    assert len(quantities(account_id)) == 50


@pytest.mark.django_db(transaction=True)
def test_it_is_cleared_at_its_version_when_the_order_is_committed(
    make_products: Make, account_id: UUID
) -> None:
    (product_id,) = make_products(1)
    put(account_id, product_id)
    version = valkey.cart_snapshot(account_id=account_id).version
    with transaction.atomic():
        valkey.cart_clear(account_id=account_id, version=version)
        assert quantities(account_id) == {product_id: 1}
    assert quantities(account_id) == {}
    put(account_id, product_id, 7)
    valkey.cart_clear(account_id=account_id, version=version)
    assert quantities(account_id) == {product_id: 7}
