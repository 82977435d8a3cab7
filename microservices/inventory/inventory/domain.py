"""What can be sold, and what an order may hold of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

MAX_ON_HAND = 1_000_000_000
RESERVATION_LIFETIME = timedelta(minutes=15)


class ReservationStatus(StrEnum):
    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class StockLevel:
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


def short_products(wanted: Mapping[int, int], stock: Mapping[int, StockLevel]) -> list[int]:
    """The products of which there is less than is wanted, in order."""
    return sorted(
        product_id
        for product_id, quantity in wanted.items()
        if product_id not in stock or stock[product_id].available < quantity
    )
