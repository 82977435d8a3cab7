"""One `up`: containers are made all at once, then started in dependency order by ourselves.

Compose itself would wait for the next periodic health check at every step of the way, and would
start apps before their databases have their seeded snapshot.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from docker.errors import NotFound

from twinbench.embedded.postgres import system_identifier
from twinbench.engines.access import take_snapshot
from twinbench.engines.compose.containers import Container, cause_of, look
from twinbench.engines.compose.daemon import refusals
from twinbench.engines.compose.fleet import Fleet
from twinbench.engines.compose.project import buildable
from twinbench.engines.jobs import Stamps
from twinbench.engines.protocol import EngineError, Phase, Progress
from twinbench.errors import TwinbenchError
from twinbench.topology import Component, Kind

Report = Callable[[Progress], None]
_JOB_SECONDS = 3600
# Each job holds a thread while it runs, and keeps nobody else from being started.
_AT_ONCE = 32


def data_volume(fleet: Fleet, component: Component) -> str:
    """Docker's name of the volume that a database is in."""
    volume = next(mount.source for mount in component.mounts if mount.is_volume)
    return f"{fleet.project.name}_{volume}"


def has_volume(fleet: Fleet, component: Component) -> bool:
    """Whether the database was made before, be it by somebody else or only by half."""
    try:
        with refusals("inspect a volume"):
            fleet.daemon.api.inspect_volume(data_volume(fleet, component))
    except EngineError as error:
        if isinstance(error.__cause__, NotFound):
            return False
        raise
    return True


async def identity_of(fleet: Fleet, container: Container) -> str:
    """PostgreSQL's own name of a cluster, another whenever one is made anew."""
    return await system_identifier(fleet.accesses(container)[0].admin_url)


class Ascent:
    """`fresh` are components that are to be started; `components` are those and what is up."""

    def __init__(
        self, fleet: Fleet, components: Sequence[Component], fresh: Sequence[str], report: Report
    ) -> None:
        self._fleet = fleet
        self._components = components
        self._fresh = set(fresh)
        self._report = report
        self._began = time.monotonic()
        self._phases: dict[str, Phase] = {}
        self._reached = {component.name: asyncio.Event() for component in components}
        self._seeded = {component.arm: asyncio.Event() for component in components}
        self._stamps = Stamps(fleet.project.paths.compose, fleet.topology)
        self._containers: dict[str, Container] = {}
        self._identities: dict[str, str] = {}
        self._ran: set[str] = set()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(_AT_ONCE))
        await asyncio.to_thread(self._make)
        try:
            async with asyncio.TaskGroup() as group:
                for component in self._components:
                    group.create_task(self._bring(component))
                for arm in self._seeded:
                    group.create_task(self._seed(arm))
        except ExceptionGroup as failures:
            # Not `except*`: what that raises, some versions of Python wrap in a group again.
            if expected := failures.subgroup(TwinbenchError):
                raise _first(expected) from None
            raise

    def _make(self) -> None:
        """Images, networks, volumes and containers, nothing started yet."""
        fleet, names = self._fleet, [c.name for c in self._components if c.name in self._fresh]
        for base in self._components:
            if base.kind is Kind.DATABASE and base.name in self._fresh:
                self._look_at_data(base)
        fleet.write_override()
        with_build = buildable(fleet.project.file, names)
        for name in with_build:
            self._tell(name, Phase.PREPARING)
        if with_build:
            fleet.project.run("build", "--quiet", *with_build)
        if names:
            fleet.project.run("up", "--no-start", "--no-deps", "--no-build", *names)
        self._containers = {c.component: c for c in fleet.containers() if c.number == 1}

    def _look_at_data(self, base: Component) -> None:
        """What was made by half is removed: its image would take it for complete."""
        fleet, markers = self._fleet, self._fleet.markers
        there, facts = has_volume(fleet, base), markers.of(base.name)
        if there and not facts:
            markers.write(base.name, {"made": True, "used": True})  # it holds who knows what
        elif there and not facts.get("made"):
            fleet.project.run("rm", "--stop", "--force", base.name)
            with refusals(f"remove the half-made data of {base.name}"):
                fleet.daemon.api.remove_volume(data_volume(fleet, base), force=True)
        if not there or not markers.of(base.name).get("made"):
            markers.write(base.name, {"made": False})

    def _tell(self, name: str, phase: Phase) -> None:
        if self._phases.get(name) is not phase:
            self._phases[name] = phase
            ready = sum(event.is_set() for event in self._reached.values())
            seconds = time.monotonic() - self._began
            self._report(Progress(name, phase, ready, len(self._components), seconds))

    async def _bring(self, component: Component) -> None:
        if component.name in self._fresh:
            for dependency in component.depends_on:
                await self._reached[dependency].wait()
            if component.kind in {Kind.APP, Kind.GATEWAY}:
                await self._seeded[component.arm].wait()
            phase = await self._start(component)
            await self._identify(component)
            self._reached[component.name].set()
            self._tell(component.name, phase)
        await self._identify(component)
        self._reached[component.name].set()

    async def _identify(self, component: Component) -> None:
        """A database in whose place another has come, behind our back, is a used one."""
        name, markers = component.name, self._fleet.markers
        if component.kind is not Kind.DATABASE or name in self._identities:
            return
        now = await asyncio.to_thread(look, self._fleet.daemon, self._containers[name].id)
        identity = await identity_of(self._fleet, now or self._containers[name])
        facts = markers.of(name)
        known = facts.get("identity", identity)
        if not facts or known != identity:
            facts = {"used": True}
        markers.write(name, {**facts, "made": True, "identity": identity})
        self._identities[name] = identity

    async def _start(self, component: Component) -> Phase:
        if component.kind is Kind.JOB:
            return await self._run_job(component)
        self._tell(component.name, Phase.STARTING)
        await self._fleet.start(self._containers[component.name])
        return Phase.READY

    async def _run_job(self, job: Component) -> Phase:
        databases = self._fleet.topology.upstream_databases(job.name)
        data = {name: self._identities[name] for name in databases}
        if self._stamps.holds(job, data):
            return Phase.UNCHANGED
        self._tell(job.name, Phase.RUNNING)
        self._ran |= set(databases)
        await asyncio.to_thread(self._run_to_end, self._containers[job.name])
        self._stamps.write(job, data)
        return Phase.DONE

    def _run_to_end(self, container: Container) -> None:
        api = self._fleet.daemon.api
        with refusals(f"run {container.replica}"):
            api.start(container.id)
            status = int(api.wait(container.id, timeout=_JOB_SECONDS)["StatusCode"])
        if status != 0:
            tail = self._fleet.log_tail(container)
            raise EngineError(f"job {container.component} failed: {cause_of(status)}{tail}")

    async def _seed(self, arm: str) -> None:
        """When all jobs of the arm are done. A database in use since is no seeded one."""
        mine = [component for component in self._components if component.arm == arm]
        for component in mine:
            if component.kind in {Kind.JOB, Kind.DATABASE}:
                await self._reached[component.name].wait()
        bases = [component for component in mine if component.kind is Kind.DATABASE]
        await asyncio.gather(*(self._snapshot(base.name) for base in bases))
        self._seeded[arm].set()

    async def _snapshot(self, name: str) -> None:
        markers = self._fleet.markers
        facts = markers.of(name)
        if not facts.get("used"):
            now = await asyncio.to_thread(look, self._fleet.daemon, self._containers[name].id)
            await take_snapshot(self._fleet.accesses(now or self._containers[name]))
            markers.write(name, {**facts, "used": True, "snapshot": True})
        elif name in self._ran:
            markers.write(name, {**facts, "snapshot": False})


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    failure = failures.exceptions[0]
    return _first(failure) if isinstance(failure, BaseExceptionGroup) else failure
