"""The containers of one state folder as a whole: looked at, brought up, taken down."""

import asyncio
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from twinbench.engines.compose import limits, operations
from twinbench.engines.compose.ascent import Ascent, data_volume
from twinbench.engines.compose.containers import Container, networks_of
from twinbench.engines.compose.daemon import Daemon, refusals
from twinbench.engines.compose.fleet import Fleet
from twinbench.engines.compose.groups import Groups, groups_of
from twinbench.engines.compose.guard import guarded
from twinbench.engines.compose.ledger import Ledgers, Markers
from twinbench.engines.compose.project import Project, give_secrets, project_name
from twinbench.engines.compose.subnets import free_block
from twinbench.engines.ports import Ports
from twinbench.engines.protocol import EngineError, Progress
from twinbench.engines.secrets import generate_missing
from twinbench.engines.sizes import Sizes
from twinbench.engines.state import open_state
from twinbench.engines.variables import SIZE, variables_of
from twinbench.paths import StatePaths
from twinbench.topology import Component, Kind, Topology, load

# The engine asks for itself. Docker's own checks would each cost a process in the arm's budget.
_HEALTH_INTERVAL = {"HEALTH_INTERVAL": "10m"}


class Stack:
    """Holds no connection, only what it has read."""

    def __init__(self, paths: StatePaths, file: Path) -> None:
        self.paths = paths
        self.ledgers, self.markers = Ledgers(paths), Markers(paths)
        self.sizes = Sizes(paths.compose)
        self._file = file
        self._groups: Groups | None = None
        self._read: tuple[object, Topology] | None = None

    @contextmanager
    def fleet(self, variables: Mapping[str, str] | None = None) -> Iterator[Fleet]:
        values = {**_HEALTH_INTERVAL, **variables_of(self._file), **self.ledgers.read().ports}
        values |= dict(variables or {})
        topology = self._topology(values)
        with Daemon() as daemon:
            project = Project(self.project, self._file, self.paths, values)
            groups = self.groups_by(daemon)
            yield Fleet(daemon, project, topology, groups, self.ledgers, self.markers)

    def _topology(self, variables: Mapping[str, str]) -> Topology:
        """Read anew only when the variables are others."""
        key = tuple(sorted(variables.items()))
        if self._read is None or self._read[0] != key:
            self._read = key, load(self._file, variables=variables)
        return self._read[1]

    @property
    def project(self) -> str:
        """Its Compose project's name."""
        return project_name(self.paths, self._file)

    def groups_by(self, daemon: Daemon) -> Groups:
        if self._groups is None:
            self._groups = groups_of(self.project, daemon.info())
        return self._groups

    def up(self, arms: Sequence[str], size: str | None, report: Callable[[Progress], None]) -> None:
        self._require_arms(load(self._file), arms)
        open_state(self.paths)
        self.paths.compose.mkdir(exist_ok=True)
        agreed = self.sizes.agreed(arms, size or variables_of(self._file).get(SIZE))
        with self.fleet({SIZE: agreed}) as fleet:
            generate_missing(self.paths.secrets, fleet.topology.secrets)
            give_secrets(self.paths.secrets)
            for arm in arms:
                self._prepare_for_size(fleet, arm, agreed)
            self._ascend(fleet, arms, agreed, report)

    def _require_arms(self, topology: Topology, arms: Sequence[str]) -> None:
        for arm in arms:
            if arm not in topology.arms:
                raise EngineError(f"unknown arm {arm!r}: choose from {', '.join(topology.arms)}")

    def _prepare_for_size(self, fleet: Fleet, arm: str, size: str) -> None:
        loaded = self.sizes.of(arm)
        if loaded == size:
            return
        if fleet.of_arm(arm):
            raise EngineError(
                f"{arm} is up with the {loaded} dataset: run `twinbench down` first to load {size}"
            )
        if loaded is not None:
            wipe(fleet, arm)
        self.sizes.record(arm, size)

    def _ascend(
        self, fleet: Fleet, arms: Sequence[str], size: str, report: Callable[[Progress], None]
    ) -> None:
        components = fleet.topology.needed_by(arms)
        up = {one.component for one in fleet.containers() if one.running and _is_ours(fleet, one)}
        fresh = [c.name for c in components if c.kind is Kind.JOB or c.name not in up]
        if self._choose_ports(components, fresh):
            with self.fleet({SIZE: size}) as informed:
                self._ascend(informed, arms, size, report)
            return
        with guarded(self.paths, self._file, fresh):
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
        with self.ledgers.changing() as ledger:
            ledger.ports |= chosen
            ledger.block = ledger.block or free_block(self.project)
        return bool(chosen)

    @contextmanager
    def temporarily_up(self, arms: Sequence[str]) -> Iterator[None]:
        open_state(self.paths)
        with guarded(self.paths, self._file, None):
            self.up(arms, None, lambda _: None)
            yield

    def abandon(self, names: Sequence[str]) -> None:
        """Takes down these components, which were never ready; all, if nothing else runs."""
        with self.fleet() as fleet:
            others = [c for c in fleet.containers() if c.component not in names and c.running]
            operations.thaw(fleet, fleet.containers(names))
            if others:
                fleet.project.run("rm", "--stop", "--force", *names)
        if not others:
            self.down()

    def erase(self) -> None:
        """Everything, data and state folder included."""
        self._down("--volumes")
        shutil.rmtree(self.paths.root)

    def down(self) -> None:
        self._down()

    def _down(self, *options: str) -> None:
        with self.fleet() as fleet:
            containers = fleet.containers()
            if containers or options or networks_of(fleet.daemon, fleet.project):
                operations.thaw(fleet, containers)
                fleet.project.run("down", "--remove-orphans", *options)
                limits.take_away(fleet.daemon, fleet.groups)
        self.ledgers.forget()


def _is_ours(fleet: Fleet, container: Container) -> bool:
    """What people have started by `docker compose up` has no place in its arm's budget."""
    component = fleet.topology.components[container.component]
    return container.group == fleet.groups.parent(component.arm, component.name)


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
