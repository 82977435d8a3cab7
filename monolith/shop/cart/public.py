"""The door of cart."""

from shop.cart.domain import CartSnapshot
from shop.cart.selectors import cart_snapshot as snapshot
from shop.cart.services import cart_clear as clear

__all__ = ["CartSnapshot", "clear", "snapshot"]
