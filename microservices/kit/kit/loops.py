"""Work that runs beside the requests, for as long as the app lives."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class Loop:
    """`step` again and again, `interval` seconds apart, or at once when `wake` is set.

    A step that raises is logged and tried again after a growing pause (at most 5 s), so that
    a loop outlives whatever it works with.
    """

    name: str
    step: Callable[[], Awaitable[object]]
    interval: float
    wake: asyncio.Event | None = None

    async def run(self) -> None:
        failures = 0
        while True:
            [outcome] = await asyncio.gather(self.step(), return_exceptions=True)
            if isinstance(outcome, BaseException):
                failures += 1
                pause = min(_LONGEST_PAUSE, 0.1 * 2**failures)
                log.warning("%s failed, again in %.1f s", self.name, pause, exc_info=outcome)
                await asyncio.sleep(pause)
            else:
                failures = 0
                await self._rest()

    async def _rest(self) -> None:
        if self.wake is None:
            await asyncio.sleep(self.interval)
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(self.interval):
                await self.wake.wait()
        self.wake.clear()


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """Runs the loops until the block ends, then cancels them; a cut-off step rolls back."""
    tasks = [asyncio.create_task(loop.run(), name=loop.name) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
