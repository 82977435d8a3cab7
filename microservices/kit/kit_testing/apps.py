"""An app that runs inside the test, and waiting for what happens in its background."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

T = TypeVar("T")


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[AsyncClient]:
    """A client of the app, which runs with its loops until the block ends."""
    async with (
        app.router.lifespan_context(app),
        AsyncClient(
            transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://test"
        ) as client,
    ):
        yield client


async def eventually(
    probe: Callable[[], Awaitable[T]],
    holds: Callable[[T], bool] = bool,
    *,
    seconds: float = 10.0,
) -> T:
    """What `probe` answers once `holds` says yes to it; AssertionError after `seconds`."""
    end = time.monotonic() + seconds
    while not holds(found := await probe()):
        assert time.monotonic() < end, f"not so within {seconds} s: {found!r}"  # noqa: S101
        await asyncio.sleep(0.02)
    return found
