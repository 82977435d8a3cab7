"""What the catalog asks of other services."""

from http import HTTPStatus
from typing import Protocol

from kit.errors import DependencyUnavailable
from kit.http import ServiceClient

# A product page is worth more without its stock than late.
STOCK_DEADLINE = 0.3


class Stock(Protocol):
    async def available(self, product_id: int) -> int | None:
        """Units that can be sold now; None while inventory is unreachable."""


class HttpStock:
    def __init__(self, inventory: ServiceClient) -> None:
        self._inventory = inventory

    async def available(self, product_id: int) -> int | None:
        try:
            reply = await self._inventory.post(
                "/internal/stock/availability",
                {"product_ids": [product_id]},
                idempotent=True,
                timeout=STOCK_DEADLINE,
            )
        except DependencyUnavailable:
            return None
        if reply.status != HTTPStatus.OK:
            return None
        units: int = reply.body["available"][str(product_id)]
        return units
