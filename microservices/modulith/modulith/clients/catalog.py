"""What the catalog asks for."""

from catalog.clients import STOCK_DEADLINE
from inventory.selectors import available_units
from kit.db import Database
from kit.errors import DependencyUnavailable

from modulith.calls import Calls


class DirectStock:
    def __init__(self, calls: Calls, inventory: Database) -> None:
        self._calls, self._inventory = calls, inventory

    async def available(self, product_id: int) -> int | None:
        work = available_units(self._inventory, product_ids=[product_id])
        try:
            return (await self._calls.make(work, seconds=STOCK_DEADLINE))[product_id]
        except DependencyUnavailable:
            return None
