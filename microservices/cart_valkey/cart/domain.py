"""Carts as values: what a line costs and what they come to."""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_LINES = 50
MAX_QUANTITY = 99


@dataclass(frozen=True, slots=True)
class Item:
    product_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class CartSnapshot:
    version: int
    items: list[Item]


@dataclass(frozen=True, slots=True)
class PricedLine:
    product_id: int
    name: str
    unit_price: int
    quantity: int

    @property
    def subtotal(self) -> int:
        return self.unit_price * self.quantity


def total(lines: Iterable[PricedLine]) -> int:
    return sum(line.subtotal for line in lines)
