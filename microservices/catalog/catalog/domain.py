"""How a list of products can be ordered, and what an order adds to what was sold."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

MAX_PRICE = 1_000_000_000
MAX_TAGS = 10


class Sort(StrEnum):
    NAME = "name"
    PRICE = "price"
    PRICE_DESCENDING = "-price"
    NEWEST = "newest"
    BESTSELLING = "bestselling"


@dataclass(frozen=True, slots=True)
class Ordering:
    """By a column and then by id, both in one direction, so that every product has its place."""

    column: str
    descending: bool


ORDERINGS = {
    Sort.NAME: Ordering("name", descending=False),
    Sort.PRICE: Ordering("price_amount", descending=False),
    Sort.PRICE_DESCENDING: Ordering("price_amount", descending=True),
    Sort.NEWEST: Ordering("created_at", descending=True),
    Sort.BESTSELLING: Ordering("sold", descending=True),
}


def units_sold(lines: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Units per product of one confirmed order's lines (product id, quantity)."""
    units: Counter[int] = Counter()
    for product_id, quantity in lines:
        units[product_id] += quantity
    return dict(units)
