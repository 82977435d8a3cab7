"""Asking inventory: what it answers, and every way in which it does not."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from kit.http import HttpPool, ServiceClient
from kit_testing.tokens import SERVICE_SECRET

from catalog.clients import STOCK_DEADLINE, HttpStock

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Inventory:
    """A server that answers as it is told to."""

    def __init__(self) -> None:
        self.answer: Answer = self.ten
        self.asked: list[object] = []
        self.url = ""
        self.over = asyncio.Event()

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        return await self.answer(request)

    async def ten(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"available": {"7": 10}})

    async def fail(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"type": "internal-error"}, status=500)

    async def refuse(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({"type": "unauthenticated"}, status=401)

    async def hang(self, _: web.Request) -> web.StreamResponse:
        await self.over.wait()
        return web.Response()

    async def hang_up(self, request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.close()
        return web.Response()


@pytest.fixture
async def inventory() -> AsyncIterator[Inventory]:
    fake = Inventory()
    app = web.Application()
    app.router.add_post("/internal/stock/availability", fake.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    fake.url = f"http://{host}:{port}"
    yield fake
    fake.over.set()
    await runner.cleanup()


@pytest.fixture
async def stock(inventory: Inventory) -> AsyncIterator[HttpStock]:
    pool = HttpPool()
    await pool.start()
    yield HttpStock(
        ServiceClient(
            pool,
            base_url=inventory.url,
            caller="catalog",
            callee="inventory",
            secret=SERVICE_SECRET,
        )
    )
    await pool.close()


async def test_units_of_one_product(inventory: Inventory, stock: HttpStock) -> None:
    assert await stock.available(7) == 10
    assert inventory.asked == [{"product_ids": [7]}]


@pytest.mark.parametrize("trouble", ["fail", "refuse", "hang", "hang_up"])
async def test_no_answer_is_none_and_soon(
    inventory: Inventory, stock: HttpStock, trouble: str
) -> None:
    inventory.answer = getattr(inventory, trouble)
    started = time.monotonic()
    assert await stock.available(7) is None
    # Hanging, it would never come: the margin is for the machine.
    assert time.monotonic() - started < STOCK_DEADLINE + 10


async def test_it_comes_back(inventory: Inventory, stock: HttpStock) -> None:
    inventory.answer = inventory.fail
    assert await stock.available(7) is None
    inventory.answer = inventory.ten
    assert await stock.available(7) == 10
