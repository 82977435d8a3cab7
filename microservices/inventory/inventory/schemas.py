from typing import Annotated, Any
from uuid import UUID

from kit.schemas import IntegerId, Strict
from pydantic import BaseModel, Field

from inventory.domain import MAX_ON_HAND, ReservationStatus, StockLevel


class StockWrite(Strict):
    on_hand: Annotated[int, Field(ge=0, le=MAX_ON_HAND)]


class Inventory(BaseModel):
    product_id: int
    on_hand: int
    reserved: int
    available: int


class AvailabilityQuery(BaseModel):
    product_ids: Annotated[list[IntegerId], Field(max_length=1000)]


class Availability(BaseModel):
    available: dict[str, int]


class ReservationLineIn(BaseModel):
    product_id: IntegerId
    quantity: Annotated[int, Field(ge=1, le=1_000_000)]


class ReservationIn(BaseModel):
    order_id: UUID
    lines: Annotated[list[ReservationLineIn], Field(min_length=1, max_length=1000)]

    def quantities(self) -> dict[int, int]:
        wanted: dict[int, int] = {}
        for line in self.lines:
            wanted[line.product_id] = wanted.get(line.product_id, 0) + line.quantity
        return wanted


class Reservation(BaseModel):
    status: ReservationStatus


def inventory(product_id: int, level: StockLevel) -> dict[str, Any]:
    return {
        "product_id": product_id,
        "on_hand": level.on_hand,
        "reserved": level.reserved,
        "available": level.available,
    }
