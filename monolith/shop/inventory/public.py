"""The door of inventory."""

from shop.inventory.errors import OutOfStock, ReservationReleased
from shop.inventory.selectors import available_units as availability
from shop.inventory.services import stock_commit as commit
from shop.inventory.services import stock_release as release
from shop.inventory.services import stock_reserve as reserve

__all__ = [
    "OutOfStock",
    "ReservationReleased",
    "availability",
    "commit",
    "release",
    "reserve",
]
