"""Where carts are kept: in the tables, unless the settings say Valkey."""

from django.conf import settings

if settings.CART_STORE == "valkey":
    from shop.cart.valkey import (
        cart_clear,
        cart_empty,
        cart_line_remove,
        cart_line_set,
        cart_lines,
        cart_snapshot,
    )
else:
    from shop.cart.selectors import cart_lines, cart_snapshot
    from shop.cart.services import cart_clear, cart_empty, cart_line_remove, cart_line_set

__all__ = [
    "cart_clear",
    "cart_empty",
    "cart_line_remove",
    "cart_line_set",
    "cart_lines",
    "cart_snapshot",
]
