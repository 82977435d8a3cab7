"""Work that runs beside the requests, for as long as the app lives."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 5.0
_LAST_STEP = 0.5


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

    async def run(self, stop: asyncio.Event) -> None:
        failures = 0
        while not stop.is_set():
            [outcome] = await asyncio.gather(self.step(), return_exceptions=True)
            if isinstance(outcome, BaseException):
                failures += 1
                pause = min(_LONGEST_PAUSE, 0.1 * 2**failures)
                log.warning("%s failed, again in %.1f s", self.name, pause, exc_info=outcome)
                await _any_of(stop, seconds=pause)
            else:
                failures = 0
                await self._rest(stop)

    async def _rest(self, stop: asyncio.Event) -> None:
        if self.wake is None:
            await _any_of(stop, seconds=self.interval)
        else:
            await _any_of(stop, self.wake, seconds=self.interval)
            self.wake.clear()


async def _any_of(*events: asyncio.Event, seconds: float) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    try:
        await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()


@asynccontextmanager
async def running(*loops: Loop) -> AsyncIterator[None]:
    """Runs the loops until the block ends.

    A step under way may then finish, for a moment; after that it is cut off and rolls back. (To
    cut it off at once could lose a connection that the driver was just opening.)
    """
    stop = asyncio.Event()
    tasks = [asyncio.create_task(loop.run(stop), name=loop.name) for loop in loops]
    try:
        yield
    finally:
        stop.set()
        if tasks:
            await asyncio.wait(tasks, timeout=_LAST_STEP)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
