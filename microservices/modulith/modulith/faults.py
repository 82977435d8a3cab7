"""Direct calls suffer what the callee's capability does, as calls over HTTP do at its door."""

from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from fastapi import FastAPI
from kit.errors import InternalError
from kit.faults import Switchboard
from kit.http import CALL_SECONDS

from modulith.calls import Calls
from modulith.tracing import OPERATIONS

T = TypeVar("T")


class FaultyCalls(Calls):
    """In place of `Calls` where faults can be switched on."""

    def __init__(self) -> None:
        super().__init__()
        self._boards: dict[str, Switchboard] = {}

    def connect(self, services: Iterable[FastAPI]) -> None:
        """Calls suffer at the switchboard of the service that they go to."""
        self._boards = {one.state.settings.component: one.state.faults for one in services}

    async def make(self, work: Coroutine[Any, Any, T], *, seconds: float = CALL_SECONDS) -> T:
        callee = OPERATIONS[work.__qualname__].partition(" ")[0]
        return await super().make(_suffering(self._boards[callee], work), seconds=seconds)


async def _suffering(board: Switchboard, work: Coroutine[Any, Any, T]) -> T:
    try:
        await board.bite()
    except InternalError:
        work.close()
        raise
    return await work
