"""The door of cart."""

from shop.cart.domain import CartSnapshot
from shop.cart.store import cart_clear as clear
from shop.cart.store import cart_snapshot as snapshot

__all__ = ["CartSnapshot", "clear", "snapshot"]
