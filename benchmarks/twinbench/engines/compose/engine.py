"""The compose engine: the topology as Docker Compose runs it, in containers."""

import asyncio
import shutil
import signal as signals
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from twinbench.engines.access import access_to
from twinbench.engines.compose import limits, operations, reading, restoring
from twinbench.engines.compose.ascent import Ascent, data_volume
from twinbench.engines.compose.containers import networks_of
from twinbench.engines.compose.daemon import Daemon, refusals
from twinbench.engines.compose.fleet import Fleet
from twinbench.engines.compose.groups import Groups, groups_of
from twinbench.engines.compose.guard import guarded
from twinbench.engines.compose.ledger import Ledgers, Markers
from twinbench.engines.compose.logs import merged, written
from twinbench.engines.compose.project import Project, give_secrets, project_name
from twinbench.engines.compose.subnets import free_block
from twinbench.engines.ports import Ports
from twinbench.engines.protocol import (
    Abilities,
    AppliedLimit,
    ComponentStats,
    EngineError,
    EngineStatus,
    Limit,
    Progress,
    ReplaceStrategy,
)
from twinbench.engines.secrets import generate_missing
from twinbench.engines.sizes import Sizes
from twinbench.engines.state import open_state
from twinbench.engines.variables import SIZE, variables_of
from twinbench.paths import TOPOLOGY_FILE, StatePaths, state_folder
from twinbench.topology import Component, Kind, Topology, load

# The engine asks for itself. Docker's own checks would each cost a process in the arm's budget.
_HEALTH_INTERVAL = {"HEALTH_INTERVAL": "10m"}


class ComposeEngine:
    """Drives one Compose project; what Docker does not remember is in the state folder.

    Objects hold no connection: they may be used from several threads.
    """

    name = "compose"

    def __init__(self, *, state: Path | None = None, topology_file: Path = TOPOLOGY_FILE) -> None:
        self._paths = StatePaths(state or state_folder())
        self._file = topology_file
        self._ledgers, self._markers = Ledgers(self._paths), Markers(self._paths)
        self._sizes = Sizes(self._paths.compose)
        self._restarts = reading.Restarts()
        self._groups: Groups | None = None
        self._read: tuple[object, Topology] | None = None

    @property
    def paths(self) -> StatePaths:
        return self._paths

    @contextmanager
    def _fleet(self, variables: Mapping[str, str] | None = None) -> Iterator[Fleet]:
        values = {**_HEALTH_INTERVAL, **variables_of(self._file), **self._ledgers.read().ports}
        values |= dict(variables or {})
        topology = self._topology(values)
        with Daemon() as daemon:
            project = Project(self.project, self._file, self._paths, values)
            groups = self._groups_by(daemon)
            yield Fleet(daemon, project, topology, groups, self._ledgers, self._markers)

    def _topology(self, variables: Mapping[str, str]) -> Topology:
        """Read anew only when the variables are others."""
        key = tuple(sorted(variables.items()))
        if self._read is None or self._read[0] != key:
            self._read = key, load(self._file, variables=variables)
        return self._read[1]

    @property
    def project(self) -> str:
        """Its Compose project's name."""
        return project_name(self._paths, self._file)

    def _groups_by(self, daemon: Daemon) -> Groups:
        if self._groups is None:
            self._groups = groups_of(self.project, daemon.info())
        return self._groups

    def abilities(self) -> Abilities:
        with Daemon() as daemon:
            return limits.abilities(self._groups_by(daemon))

    def up(
        self,
        arms: Sequence[str],
        *,
        size: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._require_arms(load(self._file), arms)
        open_state(self._paths)
        self._paths.compose.mkdir(exist_ok=True)
        agreed = self._sizes.agreed(arms, size or variables_of(self._file).get(SIZE))
        with self._fleet({SIZE: agreed}) as fleet:
            generate_missing(self._paths.secrets, fleet.topology.secrets)
            give_secrets(self._paths.secrets)
            for arm in arms:
                self._prepare_for_size(fleet, arm, agreed)
            self._ascend(fleet, arms, agreed, progress or (lambda _: None))

    def _require_arms(self, topology: Topology, arms: Sequence[str]) -> None:
        for arm in arms:
            if arm not in topology.arms:
                raise EngineError(f"unknown arm {arm!r}: choose from {', '.join(topology.arms)}")

    def _prepare_for_size(self, fleet: Fleet, arm: str, size: str) -> None:
        loaded = self._sizes.of(arm)
        if loaded == size:
            return
        if fleet.of_arm(arm):
            raise EngineError(
                f"{arm} is up with the {loaded} dataset: run `twinbench down` first to load {size}"
            )
        if loaded is not None:
            wipe(fleet, arm)
        self._sizes.record(arm, size)

    def _ascend(
        self, fleet: Fleet, arms: Sequence[str], size: str, report: Callable[[Progress], None]
    ) -> None:
        components = fleet.topology.needed_by(arms)
        up = {one.component for one in fleet.containers() if one.running}
        fresh = [c.name for c in components if c.kind is Kind.JOB or c.name not in up]
        if self._choose_ports(components, fresh):
            with self._fleet({SIZE: size}) as informed:
                self._ascend(informed, arms, size, report)
            return
        with guarded(self._paths, self._file, fresh):
            asyncio.run(Ascent(fleet, components, fresh, report).run())

    def _choose_ports(self, components: Sequence[Component], fresh: Sequence[str]) -> bool:
        """Where any port will do (0), one that then stays. Whether there was a choice to make.

        Raises EngineError when one that was asked for is taken.
        """
        ports, chosen = Ports(), {}
        for component in components:
            port = component.published_port
            if port is not None and component.name in fresh:
                found = ports.fixed(port, component.name)
                if port == 0:
                    chosen[f"{component.arm.upper()}_PORT"] = str(found)
        with self._ledgers.changing() as ledger:
            ledger.ports |= chosen
            ledger.block = ledger.block or free_block(self.project)
        return bool(chosen)

    @contextmanager
    def temporarily_up(self, arms: Sequence[str]) -> Iterator[None]:
        open_state(self._paths)
        with guarded(self._paths, self._file, None):
            self.up(arms)
            yield

    def abandon(self, names: Sequence[str]) -> None:
        """Takes down these components, which were never ready; all, if nothing else runs."""
        with self._fleet() as fleet:
            others = [c for c in fleet.containers() if c.component not in names and c.running]
            operations.thaw(fleet, fleet.containers(names))
            if others:
                fleet.project.run("rm", "--stop", "--force", *names)
        if not others:
            self.down()

    def erase(self) -> None:
        """Everything, data and state folder included."""
        self._down("--volumes")
        shutil.rmtree(self._paths.root)

    def down(self) -> None:
        self._down()

    def _down(self, *options: str) -> None:
        if not self._paths.compose.exists():
            return
        with self._fleet() as fleet:
            containers = fleet.containers()
            if containers or options or networks_of(fleet.daemon, fleet.project):
                operations.thaw(fleet, containers)
                fleet.project.run("down", "--remove-orphans", *options)
                limits.take_away(fleet.daemon, fleet.groups)
        self._ledgers.forget()

    def status(self) -> EngineStatus:
        with self._fleet() as fleet:
            components = asyncio.run(reading.status_of(fleet))
            present = {one.name for one in components}
            arms = tuple(
                arm
                for arm in fleet.topology.arms
                if all(
                    c.name in present for c in fleet.topology.of_arm(arm) if c.kind is not Kind.JOB
                )
            )
        size = self._sizes.of(arms[0]) if arms else None
        return EngineStatus(bool(components), arms, size, components)

    def gateway(self, arm: str) -> str:
        """At its container's own address: what Docker publishes goes through a proxy of its own."""
        with self._fleet() as fleet:
            return f"http://{self._address(fleet, fleet.topology.gateway_of(arm).name)}"

    def address(self, component: str) -> str:
        with self._fleet() as fleet:
            return self._address(fleet, component)

    def _address(self, fleet: Fleet, component: str) -> str:
        first = fleet.replicas(component)[0]
        port = fleet.port(fleet.topology.components[component])
        if not first.host or port is None:
            raise EngineError(f"{first.replica} has no address now")
        return f"{first.host}:{port}"

    def scale(self, component: str, replicas: int) -> None:
        with self._fleet(self._loaded(component)) as fleet:
            asyncio.run(operations.scale(fleet, component, replicas))

    def replace(
        self,
        component: str,
        *,
        environment: Mapping[str, str] | None = None,
        strategy: ReplaceStrategy = "recreate",
    ) -> None:
        with self._fleet(self._loaded(component)) as fleet:
            asyncio.run(operations.replace(fleet, component, environment or {}, strategy))

    def _loaded(self, component: str) -> dict[str, str]:
        """The size that its arm was brought up with, so that its settings stay as they are."""
        found = load(self._file).components.get(component)
        size = self._sizes.of(found.arm) if found else None
        return {} if size is None else {SIZE: size}

    def kill(
        self,
        replica: str,
        signal: signals.Signals = signals.SIGKILL,
        *,
        restart: bool = True,
    ) -> None:
        with self._fleet() as fleet:
            asyncio.run(operations.kill(fleet, replica, signal, restart=restart))

    def start(self, component: str) -> None:
        with self._fleet() as fleet:
            asyncio.run(operations.start(fleet, component))

    def wait_ready(self, arm: str, *, timeout: float = 30.0) -> None:
        with self._fleet() as fleet:
            asyncio.run(operations.wait_ready(fleet, arm, time.monotonic() + timeout))

    def freeze(self, arm: str) -> None:
        with self._fleet() as fleet:
            operations.freeze(fleet, arm)

    def thaw(self, arm: str) -> None:
        with self._fleet() as fleet:
            operations.thaw(fleet, fleet.of_arm(arm))

    def reset(self, arm: str) -> None:
        with self._fleet() as fleet:
            operations.thaw(fleet, fleet.of_arm(arm))
            if asyncio.run(restoring.restore(fleet, arm)):
                return
            # Jobs have run on data in use: everything is made anew.
            wipe(fleet, arm)
        self.up([arm])

    def limit(self, arm: str, limit: Limit) -> AppliedLimit:
        with self._fleet() as fleet:
            with self._ledgers.changing() as ledger:
                ledger.cores.pop(arm, None)
                if limit.cores is not None:
                    ledger.cores[arm] = sorted(limit.cores)
            fleet.write_override()
            return limits.apply(fleet, arm, limit)

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        with self._fleet() as fleet:
            components = fleet.topology.components.values()
            mine = [one for one in components if arm in {None, one.arm}]
            return reading.stats_of(fleet, mine, self._restarts, memory=memory)

    def logs(self, component: str, *, lines: int = 100) -> str:
        with self._fleet() as fleet:
            return merged(fleet, component, lines)

    def log_files(self, component: str) -> tuple[Path, ...]:
        with self._fleet() as fleet:
            return written(fleet, component)

    def follow(self, component: str, *, lines: int) -> Iterator[str]:
        with self._fleet() as fleet:
            self.logs(component, lines=1)  # raises for one that is unknown
            options = ("--follow", "--no-log-prefix", "--no-color", "--tail", str(lines))
            command = fleet.project.command("logs", *options, component)
            environment = fleet.project.environment
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as told:
            try:
                yield from told.stdout or ()
            finally:
                told.terminate()

    def database_url(
        self, component: str, *, database: str | None = None, admin: bool = False
    ) -> str:
        with self._fleet() as fleet:
            found = fleet.accesses(fleet.replicas(component)[0])
            access = access_to(fleet.topology.components[component], found, database)
        return access.admin_url if admin else access.url


def wipe(fleet: Fleet, arm: str) -> None:
    """Removes the arm's containers and all its data."""
    names = [component.name for component in fleet.topology.of_arm(arm)]
    fleet.project.run("rm", "--stop", "--force", *names)
    for component in fleet.topology.of_arm(arm):
        if component.kind in {Kind.DATABASE, Kind.CACHE} and _has_volume(component):
            with refusals(f"remove the data of {component.name}"):
                fleet.daemon.api.remove_volume(data_volume(fleet, component), force=True)


def _has_volume(component: Component) -> bool:
    return any(mount.is_volume for mount in component.mounts)
