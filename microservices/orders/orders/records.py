"""An order as the saga and the API carry it: plain values read from the rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from orders.domain import Line, OrderStatus, Rejection, Step


@dataclass(frozen=True, slots=True)
class OrderRecord:
    id: UUID
    account_id: UUID
    idempotency_key: str
    status: OrderStatus
    rejection: Rejection | None
    step: Step
    lines: tuple[Line, ...]
    total: int
    shipping_address: dict[str, str]
    cart_version: int
    created_at: datetime
    updated_at: datetime
