"""What can be done to a running fleet: the operations of the engine protocol but `up`."""

import asyncio
import shutil
import signal as signals
import time
from collections.abc import Mapping
from pathlib import Path

from twinbench.engines.directory import write_directory
from twinbench.engines.fleet import Fleet, run_to_end
from twinbench.engines.limits import Limits
from twinbench.engines.logs import tail_of
from twinbench.engines.procfs import ProcessTable
from twinbench.engines.protocol import (
    EngineError,
    ReplaceStrategy,
    UnsupportedByEngineError,
)
from twinbench.engines.recipe import Release, gateway_reload
from twinbench.engines.replacing import Replacing
from twinbench.engines.replica import Replica, signal_all, stop_all
from twinbench.engines.restoring import restore
from twinbench.engines.unit import Unit
from twinbench.topology import Component, Kind

_POLL_SECONDS = 0.02


class Operations:
    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.frozen: set[str] = set()
        self.limits = Limits(fleet)
        self._replacing = Replacing(fleet, self._tell)

    async def scale(self, name: str, replicas: int) -> None:
        unit = self._fleet.unit(name)
        if replicas < 1:
            raise EngineError(f"{name} needs at least one replica")
        while len(unit.replicas) < replicas:
            replica = unit.add_replica()
            try:
                await replica.start()
            except EngineError:
                unit.replicas.remove(replica)
                raise
        await self._tell(unit)
        await self._replacing.retire(unit, unit.replicas[replicas:])

    async def _tell(self, changed: Unit) -> None:
        """Where the unit's replicas are: callers by the directory, gateways by name."""
        write_directory(self._fleet.paths, self._fleet.units.values())
        for unit in self._fleet.units.values():
            told = any(f"{changed.name}:" in v for v in unit.component.environment.values())
            if unit.component.kind is Kind.GATEWAY and unit.up and told:
                launch = gateway_reload(unit.kitchen, unit.order(unit.first))
                ended = await unit.children.spawn(launch, unit.confinement()).exited
                if ended.status != 0:
                    raise EngineError(f"{unit.name} refused new upstreams{tail_of(launch.log)}")

    async def replace(
        self,
        *,
        component: str,
        environment: Mapping[str, str],
        strategy: ReplaceStrategy,
        source: str | None,
        described: Component | None = None,
    ) -> None:
        unit = self._fleet.unit(component)
        release = Release({**unit.release.overrides, **environment}, _folder(source), described)
        if strategy != "reload":
            await self._replacing.replace(unit, release, strategy)
            return
        if release != unit.release or unit.component.command[0] != "granian":
            raise UnsupportedByEngineError(
                f"{component} cannot be reloaded in place with what was asked: "
                "use strategy 'recreate'"
            )
        await asyncio.gather(*(self._reload(unit, replica) for replica in unit.replicas))

    async def _reload(self, unit: Unit, replica: Replica) -> None:
        """Done when no worker of before is left and new ones answer."""
        if replica.process is None:
            raise EngineError(f"{replica.name} is not running")
        main = replica.process.pid
        before = {row.pid for row in ProcessTable().descendants(main)}
        replica.process.send(signals.SIGHUP)
        deadline = time.monotonic() + replica.means.ready_seconds
        while before & {row.pid for row in ProcessTable().descendants(main)}:
            if time.monotonic() > deadline:
                raise EngineError(f"{replica.name} kept old workers{replica.log_tail()}")
            await asyncio.sleep(_POLL_SECONDS)
        await self._wait_for([unit], deadline)

    async def run_job(self, *, job: str, source: str | None) -> None:
        unit = self._fleet.unit(job)
        if unit.component.kind is not Kind.JOB:
            raise EngineError(f"{job} is no job: it goes on running")
        before, unit.release = unit.release, Release(source=_folder(source))
        unit.assign(unit.first)
        try:
            await run_to_end(unit)
        finally:
            unit.release = before
            unit.assign(unit.first)

    async def kill(self, name: str, number: int, *, restart: bool) -> None:
        await self.replica(name).kill(signals.Signals(number), restart=restart)

    def replica(self, name: str) -> Replica:
        for unit in self._fleet.units.values():
            for replica in unit.replicas:
                if unit.wanted and name in {replica.name, unit.name}:
                    return replica
        raise EngineError(f"no replica {name!r} is running")

    async def start(self, name: str) -> None:
        unit = self._fleet.unit(name)
        await asyncio.gather(*(r.start() for r in unit.replicas if not r.running))

    async def wait_ready(self, arm: str, timeout: float) -> None:  # noqa: ASYNC109 -- of the protocol
        await self._wait_for(self._fleet.of_arm(arm), time.monotonic() + timeout)

    async def _wait_for(self, units: list[Unit], deadline: float) -> None:
        for unit in units:
            if unit.component.kind is Kind.JOB:
                continue
            for replica in unit.replicas:
                while not replica.held and await unit.health(replica, frozen=False) != "ready":
                    if time.monotonic() > deadline:
                        raise EngineError(f"{replica.name} is not ready{replica.log_tail()}")
                    await asyncio.sleep(_POLL_SECONDS)

    async def freeze(self, arm: str) -> None:
        """What depends on others first, so that nobody is left waiting for the frozen."""
        self.frozen.add(arm)
        units = reversed(self._fleet.of_arm(arm))
        await stop_all([replica for unit in units for replica in unit.replicas])

    async def thaw(self, arm: str) -> None:
        table = ProcessTable()
        for unit in self._fleet.of_arm(arm):
            for replica in unit.replicas:
                signal_all(replica.family(table), signals.SIGCONT)
        self.frozen.discard(arm)

    async def reset(self, arm: str) -> None:
        """Apps stand still meanwhile: no request finds half of the old and half of the new."""
        await self.thaw(arm)
        units = self._fleet.of_arm(arm)
        databases = self._fleet.databases
        bases = [unit for unit in units if unit.component.kind is Kind.DATABASE]
        if all(databases.has_snapshot(unit.name) for unit in bases):
            await restore(units, databases)
        else:
            await self._rebuild(arm, units)

    async def _rebuild(self, arm: str, units: list[Unit]) -> None:
        """There is no snapshot, as jobs have run on data in use: everything is made anew."""
        await self._fleet.stop(units)
        for unit in units:
            for mount in unit.component.mounts:
                if unit.component.kind is Kind.CACHE and mount.is_volume:
                    shutil.rmtree(self._fleet.paths.volumes / mount.source, ignore_errors=True)
        self._fleet.wipe(arm)
        await self._fleet.up([arm], lambda _: None)


def _folder(path: str | None) -> Path | None:
    return None if path is None else Path(path)
