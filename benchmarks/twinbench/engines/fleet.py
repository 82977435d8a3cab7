"""All components that one supervisor runs, brought up and down in dependency order."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

from twinbench.engines.children import Children, Confinement
from twinbench.engines.data import Databases
from twinbench.engines.directory import write_directory
from twinbench.engines.jobs import Stamps
from twinbench.engines.logs import tail_of
from twinbench.engines.ports import Ports
from twinbench.engines.protocol import EngineError, Phase, Progress
from twinbench.engines.recipe import Kitchen
from twinbench.engines.secrets import generate_missing
from twinbench.engines.unit import Unit
from twinbench.errors import TwinbenchError
from twinbench.paths import StatePaths
from twinbench.topology import Component, Kind, Topology

Report = Callable[[Progress], None]


class Fleet:
    def __init__(self, paths: StatePaths) -> None:
        self.paths = paths
        self.children = Children()
        self.databases = Databases(paths, self.children)
        self.units: dict[str, Unit] = {}
        self.confinements: dict[str, Confinement] = {}
        self._ports = Ports()
        self._topology: Topology | None = None
        self._kitchen: Kitchen | None = None

    @property
    def topology(self) -> Topology:
        if self._topology is None:
            raise EngineError("nothing is running: start with `twinbench up`")
        return self._topology

    def use(self, topology: Topology) -> None:
        """Components that run keep the settings that they were started with."""
        generate_missing(self.paths.secrets, topology.secrets)
        self._topology = topology
        self._kitchen = Kitchen(self.paths, topology, self.databases.installation, self._addresses)

    def _addresses(self, name: str) -> Sequence[str]:
        return self._unit(self.topology.components[name]).addresses

    def _unit(self, component: Component) -> Unit:
        unit = self.units.get(component.name)
        if unit is None:
            if self._kitchen is None:
                raise EngineError("nothing is running: start with `twinbench up`")
            unit = Unit(
                component,
                self._kitchen,
                self.children,
                self.databases,
                self._ports,
                self.confinements,
            )
            self.units[component.name] = unit
        elif not unit.up and component != unit.component:
            unit.component = component
        return unit

    def unit(self, name: str) -> Unit:
        """One that was asked for, by the name of its component."""
        unit = self.units.get(name)
        if unit is not None and unit.wanted:
            return unit
        known = ", ".join(sorted(u.name for u in self.units.values() if u.wanted)) or "none"
        raise EngineError(f"no component {name!r} is running (running: {known})")

    def of_arm(self, arm: str) -> list[Unit]:
        """In dependency order."""
        units = (self.units.get(c.name) for c in self.topology.needed_by([arm]))
        return [u for u in units if u is not None and u.wanted and u.component.arm == arm]

    async def up(self, arms: Iterable[str], report: Report) -> None:
        """What this call started is taken down again when it fails or is cancelled."""
        units = [self._unit(component) for component in self.topology.needed_by(arms)]
        write_directory(self.paths, self.units.values())
        fresh = [unit for unit in units if not unit.up]
        ascent = Ascent(self, units, report)
        try:
            for unit in fresh:
                unit.wanted = True
                unit.claim_published_port()
            await ascent.run()
        except BaseException:
            await asyncio.shield(self.stop(fresh))
            raise

    async def stop(self, units: Sequence[Unit]) -> None:
        """Each when all that depend on it have stopped."""
        done = {unit.name: asyncio.Event() for unit in units}

        async def one(unit: Unit) -> None:
            for other in units:
                if unit.name in other.component.depends_on:
                    await done[other.name].wait()
            unit.phase, unit.wanted = Phase.WAITING, False
            await asyncio.gather(*(replica.stop() for replica in unit.replicas))
            done[unit.name].set()

        await asyncio.gather(*(one(unit) for unit in units))

    async def drop(self) -> None:
        """Everything at once, for nobody wants the data any more.

        A server of databases is told, so that it leaves no shared memory behind.
        """
        units = [unit for unit in self.units.values() if unit.wanted]
        for unit in units:
            unit.phase, unit.wanted = Phase.WAITING, False
        await asyncio.gather(
            *(
                replica.stop(
                    signal.SIGQUIT if unit.component.kind is Kind.DATABASE else signal.SIGKILL
                )
                for unit in units
                for replica in unit.replicas
            )
        )

    def wipe(self, arm: str) -> None:
        """Forgets the arm's databases; its components must be down."""
        for component in self.topology.of_arm(arm):
            if component.kind is Kind.DATABASE:
                self.databases.wipe(component)

    async def down(self) -> None:
        await self.stop([unit for unit in self.units.values() if unit.wanted])


class Ascent:
    """One `up`: every component begins as soon as what it depends on is there.

    Apps of an arm also wait until its jobs are done and its databases have their seeded snapshot.
    """

    def __init__(self, fleet: Fleet, units: Sequence[Unit], report: Report) -> None:
        self._fleet = fleet
        self._units = units
        self._report = report
        self._began = time.monotonic()
        self._reached = {unit.name: asyncio.Event() for unit in units}
        self._seeded = {unit.component.arm: asyncio.Event() for unit in units}
        self._stamps = Stamps(fleet.paths.stamps, fleet.topology)
        self._ran: set[str] = set()

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for unit in self._units:
                    group.create_task(self._bring(unit))
                for arm in self._seeded:
                    group.create_task(self._seed(arm))
        except ExceptionGroup as failures:
            # Not `except*`: what that raises, some versions of Python wrap in a group again.
            if expected := failures.subgroup(TwinbenchError):
                raise _first(expected) from None
            if refused := failures.subgroup(OSError):
                raise EngineError(f"cannot start: {_first(refused)}") from None
            raise

    def _tell(self, unit: Unit, phase: Phase) -> None:
        if unit.phase is not phase:
            unit.phase = phase
            ready = sum(event.is_set() for event in self._reached.values())
            seconds = time.monotonic() - self._began
            self._report(Progress(unit.name, phase, ready, len(self._units), seconds))

    async def _bring(self, unit: Unit) -> None:
        if not unit.up:
            for dependency in unit.component.depends_on:
                await self._reached[dependency].wait()
            if unit.component.kind in {Kind.APP, Kind.GATEWAY}:
                await self._seeded[unit.component.arm].wait()
            phase = await self._start(unit)
            self._reached[unit.name].set()
            self._tell(unit, phase)
        self._reached[unit.name].set()

    async def _start(self, unit: Unit) -> Phase:
        if unit.component.kind is Kind.JOB:
            return await self._run_job(unit)
        if unit.component.kind is Kind.DATABASE:
            self._tell(unit, Phase.PREPARING)
            await self._fleet.databases.prepare(unit.component)
        self._tell(unit, Phase.STARTING)
        await unit.first.start()
        if unit.component.kind is Kind.DATABASE:
            await self._fleet.databases.finish(unit.component, unit.first.port)
        return Phase.READY

    async def _run_job(self, unit: Unit) -> Phase:
        databases = self._fleet.topology.upstream_databases(unit.name)
        data = {name: self._fleet.databases.identity(name) for name in databases}
        if self._stamps.holds(unit.component, data):
            return Phase.UNCHANGED
        self._tell(unit, Phase.RUNNING)
        self._ran |= set(databases)
        await run_to_end(unit)
        self._stamps.write(unit.component, data)
        return Phase.DONE

    async def _seed(self, arm: str) -> None:
        """When all jobs of the arm are done. A database in use since is no seeded one."""
        mine = [unit for unit in self._units if unit.component.arm == arm]
        for unit in mine:
            if unit.component.kind in {Kind.JOB, Kind.DATABASE}:
                await self._reached[unit.name].wait()
        bases = [unit for unit in mine if unit.component.kind is Kind.DATABASE]
        await asyncio.gather(*(self._snapshot(unit) for unit in bases))
        self._seeded[arm].set()

    async def _snapshot(self, unit: Unit) -> None:
        databases, name = self._fleet.databases, unit.name
        if not databases.was_used(name):
            await databases.take_snapshot(unit.component, unit.first.port)
            databases.note(name, used=True, snapshot=True)
        elif name in self._ran:
            databases.note(name, snapshot=False)


async def run_to_end(unit: Unit) -> None:
    """Ends the job when nobody waits for it any more."""
    launch = unit.first.means.launch()
    confinement = unit.confinements.get(unit.component.arm, Confinement())
    process = unit.children.spawn(launch, confinement)
    try:
        ended = await process.exited
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.send(signal.SIGKILL)
        raise
    if ended.status != 0:
        raise EngineError(f"job {unit.name} failed: {ended.cause}{tail_of(launch.log)}")


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    failure = failures.exceptions[0]
    return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure
