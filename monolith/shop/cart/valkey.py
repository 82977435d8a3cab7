"""Carts in Valkey in place of the tables: what `services` and `selectors` do, by the same names.

A cart is a hash of product id to quantity, and of its version, which outlives the lines. Each
change is one script, so nothing comes between its parts; but none is part of a transaction of the
database. What was answered survives a crash only where the server has written it out before: run it
with `appendonly yes` and `appendfsync always`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from shop.cart.domain import MAX_LINES, CartSnapshot, Item, PricedLine
from shop.cart.errors import CartFull
from shop.catalog import public as catalog
from shop.platform.errors import DependencyUnavailable, NotFound

_VERSION: Final = b"version"
_SET: Final = """
local lines = redis.call('HLEN', KEYS[1]) - redis.call('HEXISTS', KEYS[1], 'version')
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 and lines >= tonumber(ARGV[3]) then
  return 0
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
"""
_REMOVE: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  redis.call('HINCRBY', KEYS[1], 'version', 1)
  redis.call('HDEL', KEYS[1], ARGV[1])
end
"""
# Of this version, or of any where none is given.
_EMPTY: Final = """
local version = redis.call('HGET', KEYS[1], 'version')
if version and (#ARGV == 0 or version == ARGV[1]) then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'version', version + 1)
end
"""


def cart_snapshot(*, account_id: UUID) -> CartSnapshot:
    """A cart without items has version 0: there is nothing that could be cleared."""
    with _reached() as store:
        found: Any = store.hgetall(_key(account_id))
    items = sorted((int(name), int(value)) for name, value in found.items() if name != _VERSION)
    return CartSnapshot(
        version=int(found[_VERSION]) if items else 0,
        items=[Item(product_id, quantity) for product_id, quantity in items],
    )


def cart_lines(*, account_id: UUID) -> list[PricedLine]:
    """With the names and prices of this moment."""
    items = cart_snapshot(account_id=account_id).items
    if not items:
        return []
    products = catalog.products_by_ids(product_ids=[item.product_id for item in items])
    return [
        PricedLine(item.product_id, product.name, product.price, item.quantity)
        for item in items
        if (product := products.get(item.product_id))
    ]


def cart_line_set(*, account_id: UUID, product_id: int, quantity: int) -> None:
    if not catalog.products_by_ids(product_ids=[product_id]):
        raise NotFound
    if not _run(_SET, account_id, product_id, quantity, MAX_LINES):
        raise CartFull


def cart_line_remove(*, account_id: UUID, product_id: int) -> None:
    _run(_REMOVE, account_id, product_id)


def cart_empty(*, account_id: UUID) -> None:
    _run(_EMPTY, account_id)


def cart_clear(*, account_id: UUID, version: int) -> None:
    """Empty the cart, unless it has changed since that version.

    When the caller's transaction has committed, and not at all if it does not: a crash between the
    two, or a store that is away just then, leaves the cart as it was, which the tables, being part
    of the transaction, would not.
    """
    transaction.on_commit(lambda: _run(_EMPTY, account_id, version), robust=True)


@cache
def _store() -> "Redis":
    """One pool of connections per process, opened when first asked for."""
    url: str = settings.CART_STORE_URL
    return Redis.from_url(url, protocol=2, socket_connect_timeout=2, socket_timeout=5)


@contextmanager
def _reached() -> Iterator["Redis"]:
    """Raises DependencyUnavailable where the server does not answer."""
    try:
        yield _store()
    except RedisError as error:
        raise DependencyUnavailable from error


def _key(account_id: UUID) -> str:
    return f"cart:{account_id}"


def _run(script: str, account_id: UUID, *arguments: int) -> Any:
    with _reached() as store:
        return store.register_script(script)(keys=[_key(account_id)], args=list(arguments))
