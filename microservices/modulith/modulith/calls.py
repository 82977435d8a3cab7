"""Calls from service to service inside the process."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from kit.db import DATABASE_ERRORS
from kit.errors import DependencyUnavailable, Problem
from kit.http import CALL_SECONDS
from kit.patience import stand_aside

T = TypeVar("T")

_LAST_SECONDS = 5.0


class Calls:
    """What a caller may rely on is what it may rely on over HTTP: an answer within the deadline,
    or DependencyUnavailable, after which the callee may still do what it was asked."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def make(self, work: Coroutine[Any, Any, T], *, seconds: float = CALL_SECONDS) -> T:
        """What the work returns. Work that is late goes on: cut off, it would cost the callee a
        connection, just when there are too few of them."""
        stand_aside()
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        await asyncio.wait((task,), timeout=seconds)
        if not task.done():
            raise DependencyUnavailable
        try:
            return task.result()
        except (Problem, *DATABASE_ERRORS) as error:
            raise DependencyUnavailable from error

    async def finish(self) -> None:
        """Gives late work a last moment, before its database is closed."""
        if self._running:
            await asyncio.wait(self._running, timeout=_LAST_SECONDS)
