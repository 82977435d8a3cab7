"""What a meter counts, and what it lets through."""

import asyncio
import time

import pytest

from kit.tracing import Metered


def burn(milliseconds: float) -> None:
    end = time.thread_time() + milliseconds / 1000
    while time.thread_time() < end:
        pass


async def test_a_meter_counts_the_work_and_not_what_others_do_meanwhile() -> None:
    async def work() -> str:
        burn(5)
        await asyncio.sleep(0)
        burn(5)
        return "done"

    async def other() -> None:
        burn(50)

    metered = Metered(work())
    beside = asyncio.create_task(other())
    assert await metered == "done"
    await beside
    assert 10 <= metered.cpu < 30


async def test_a_cancellation_reaches_the_work() -> None:
    cancelled: list[str] = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("work")
            raise

    async def waiting() -> None:
        await Metered(work())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await waiting()
    assert cancelled == ["work"]


async def test_what_the_work_raises_comes_out() -> None:
    async def work() -> None:
        await asyncio.sleep(0)
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        await Metered(work())
