"""What comes in and what goes out."""

from typing import Annotated, Any

from kit.schemas import Money, Strict, money
from pydantic import BaseModel, Field

from cart.domain import MAX_QUANTITY, PricedLine, total
from cart.valkey import CartSnapshot


class CartItemIn(Strict):
    quantity: Annotated[int, Field(ge=1, le=MAX_QUANTITY)]


class LineOut(BaseModel):
    product_id: int
    name: str
    unit_price: Money
    quantity: int
    subtotal: Money


class CartOut(BaseModel):
    lines: list[LineOut]
    total: Money


class VersionIn(Strict):
    version: Annotated[int, Field(ge=0, le=2**63 - 1)]


class SnapshotLine(BaseModel):
    product_id: int
    quantity: int


class SnapshotOut(BaseModel):
    version: int
    lines: list[SnapshotLine]


def cart_output(lines: list[PricedLine]) -> dict[str, Any]:
    return {
        "lines": [
            {
                "product_id": line.product_id,
                "name": line.name,
                "unit_price": money(line.unit_price),
                "quantity": line.quantity,
                "subtotal": money(line.subtotal),
            }
            for line in lines
        ],
        "total": money(total(lines)),
    }


def snapshot_output(cart: CartSnapshot) -> dict[str, Any]:
    return {
        "version": cart.version,
        "lines": [
            {"product_id": product_id, "quantity": quantity} for product_id, quantity in cart.lines
        ],
    }
