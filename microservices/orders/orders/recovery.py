"""Finishes what requests left unfinished: a crash, a stall, a service that could not be reached."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from kit.loops import Loop, running

from orders import selectors, transitions
from orders.records import OrderRecord
from orders.saga import Saga

INTERVAL = 2.0
# As many as are settled at once; a full batch is followed by the next without a pause.
BATCH = 16


async def orders_recover(saga: Saga, *, batch: int = BATCH) -> int:
    """Takes over the unsettled orders whose lease has run out; how many there were."""
    recovered, taken = 0, batch
    while taken == batch:
        orders = await _take_over(saga, batch)
        await asyncio.gather(*(saga.resume(order) for order in orders))
        taken = len(orders)
        recovered += taken
    return recovered


async def _take_over(saga: Saga, batch: int) -> list[OrderRecord]:
    async with saga.database.transaction() as session:
        order_ids = await transitions.orders_take_over(session, batch=batch)
        return await selectors.orders_get(session, order_ids=order_ids) if order_ids else []


@asynccontextmanager
async def recovery(app: FastAPI) -> AsyncIterator[None]:
    """Runs beside the app for as long as it lives."""
    saga = Saga(app.state.database, app.state.collaborators)

    async def step() -> None:
        await orders_recover(saga)

    async with running(Loop("order recovery", step, INTERVAL)):
        yield
