"""Work that nobody asks for: reservations that were held too long are released."""

from kit.db import Database
from kit.loops import Loop

from inventory.services import EXPIRY_BATCH, reservations_expire


def expiry_loop(database: Database, interval: float) -> Loop:
    async def step() -> None:
        while await reservations_expire(database) == EXPIRY_BATCH:
            pass

    return Loop("reservation expiry", step, interval)
