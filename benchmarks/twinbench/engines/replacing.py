"""Putting another release in the place of what runs: stop-start, rolling, blue-green.

Whoever leaves is first taken from all who send it requests, and stopped when the gateways hold no
connection to it any more: what is under way ends, and no request meets a closed door. A release
that does not get ready leaves nothing behind, and what ran before it serves (again).
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from twinbench.engines.fleet import Fleet
from twinbench.engines.procfs import is_connected
from twinbench.engines.protocol import (
    EngineError,
    ReplaceStrategy,
    RolledBackError,
    UnsupportedByEngineError,
)
from twinbench.engines.recipe import Release
from twinbench.engines.replica import Replica
from twinbench.engines.unit import Unit
from twinbench.topology import Kind

# As long as a gateway lets requests of its former configuration go on.
_DRAIN_SECONDS = 10.0
_POLL_SECONDS = 0.02

Tell = Callable[[Unit], Awaitable[None]]
"""Tells all who send requests to a unit which of its replicas are to have them."""


class Replacing:
    def __init__(self, fleet: Fleet, tell: Tell) -> None:
        self._fleet = fleet
        self._tell = tell

    async def replace(self, unit: Unit, release: Release, strategy: ReplaceStrategy) -> None:
        """Raises RolledBackError for a release that does not get ready."""
        how = {
            "recreate": self._recreate,
            "rolling": self._roll,
            "blue-green": self._switch,
        }.get(strategy)
        if how is None or (strategy != "recreate" and not unit.serves):
            raise UnsupportedByEngineError(
                f"{unit.name} cannot be replaced by {strategy!r}: use strategy 'recreate'"
            )
        before, unit.release = unit.release, release
        try:
            await how(unit, list(unit.replicas))
        except EngineError as error:
            unit.release = before
            await how(unit, [one for one in unit.replicas if unit.runs(one) is release])
            raise RolledBackError(str(error)) from error

    async def _recreate(self, unit: Unit, replicas: Sequence[Replica]) -> None:
        for replica in replicas:
            await replica.stop()
            unit.assign(replica)
            await replica.start()

    async def _roll(self, unit: Unit, leaving: Sequence[Replica]) -> None:
        """One at a time; old and new serve side by side until all are replaced."""
        for replica in leaving:
            await self._begin_beside(unit)
            await self._tell(unit)
            await self.retire(unit, [replica])

    async def _switch(self, unit: Unit, leaving: Sequence[Replica]) -> None:
        """All new ones are ready before the first request goes to any of them."""
        begun = await asyncio.gather(
            *(self._begin_beside(unit) for _ in leaving), return_exceptions=True
        )
        failures = [one for one in begun if isinstance(one, BaseException)]
        if failures:
            fresh = [one for one in begun if isinstance(one, Replica)]
            await asyncio.gather(*(unit.remove(one) for one in fresh))
            raise failures[0]
        await self.retire(unit, leaving)

    async def _begin_beside(self, unit: Unit) -> Replica:
        """Nobody is told of it before it is ready. One that never gets there is gone."""
        replica = unit.add_replica()
        try:
            await replica.start()
        except BaseException:
            await unit.remove(replica)
            raise
        return replica

    async def retire(self, unit: Unit, leaving: Sequence[Replica]) -> None:
        """Takes them from service, waits until no gateway uses them, and stops them."""
        if not leaving:
            return
        for replica in leaving:
            replica.held = True
        await self._tell(unit)
        await asyncio.gather(*(self._unused(replica) for replica in leaving))
        await asyncio.gather(*(unit.remove(replica) for replica in leaving))

    async def _unused(self, replica: Replica) -> None:
        deadline = time.monotonic() + _DRAIN_SECONDS
        units = [u for u in self._fleet.units.values() if u.component.kind is Kind.GATEWAY]
        gateways = [u.first.process.pid for u in units if u.up and u.first.process is not None]
        while any(is_connected(pid, replica.port) for pid in gateways):
            if time.monotonic() > deadline:
                return
            await asyncio.sleep(_POLL_SECONDS)
