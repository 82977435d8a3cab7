"""What every operation of the compose engine works on: the project, its containers, how to ask."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docker.errors import APIError

from twinbench.engines import readiness
from twinbench.engines.access import Access, Place, accesses
from twinbench.engines.compose.containers import Container, cause_of, containers_of, look
from twinbench.engines.compose.daemon import Daemon, refusals
from twinbench.engines.compose.groups import Groups, cpuset
from twinbench.engines.compose.ledger import Ledgers, Markers
from twinbench.engines.compose.project import Project, release_of
from twinbench.engines.protocol import EngineError
from twinbench.engines.recipe import secret_in
from twinbench.topology import Component, Kind, Topology

POSTGRES_PORT = 5432
VALKEY_PORT = 6379
# Longer than the process engine gives: here every database makes its cluster by itself.
READY_SECONDS = 120.0
_POLL_SECONDS = 0.05
_LONGEST_PAUSE = 0.4
_PROBES_PER_LOOK = 5
_TAIL_LINES = 15


@dataclass(eq=False)
class Fleet:
    daemon: Daemon
    project: Project
    topology: Topology
    groups: Groups
    ledgers: Ledgers
    markers: Markers

    def containers(self, names: Iterable[str] | None = None) -> list[Container]:
        """Of these components, or all; jobs included."""
        found = containers_of(self.daemon, self.project)
        wanted = set(self.topology.components if names is None else names)
        return [one for one in found if one.component in wanted]

    def of_arm(self, arm: str) -> list[Container]:
        """What goes on running, in dependency order."""
        order = [c.name for c in self.topology.needed_by([arm]) if c.arm == arm]
        order = order or [c.name for c in self.topology.of_arm(arm)]
        going = [n for n in order if self.topology.components[n].kind is not Kind.JOB]
        return sorted(self.containers(going), key=lambda one: going.index(one.component))

    def replicas(self, name: str) -> list[Container]:
        """Of one component, at least one. Raises EngineError."""
        found = [one for one in self.containers() if not self._is_job(one)]
        mine = [one for one in found if one.component == name]
        if mine:
            return mine
        known = ", ".join(dict.fromkeys(one.component for one in found)) or "none"
        raise EngineError(f"no component {name!r} is running (running: {known})")

    def replica(self, name: str) -> Container:
        """By its own name, or the first of the component of that name."""
        for one in self.containers():
            if name in {one.replica, one.component} and not self._is_job(one):
                return one
        raise EngineError(f"no replica {name!r} is running")

    def _is_job(self, container: Container) -> bool:
        return self.topology.components[container.component].kind is Kind.JOB

    def write_override(self, *, building: str | None = None) -> None:
        """What Compose is to know besides the topology, as things are now.

        `building`: a component whose image is about to be built from its own source.
        """
        ledger = self.ledgers.read()
        services: dict[str, dict[str, Any]] = {}
        for component in self.topology.components.values():
            environment = dict(ledger.replaced.get(component.name, {}))
            if component.kind is Kind.GATEWAY:
                environment |= self.upstreams(component, ledger.serving)
            services[component.name] = {
                "cgroup_parent": self.groups.parent(component.arm, component.name),
                "cpus": 0,  # the arm's budget is a pool: no component has a share of its own
                "environment": environment,
            }
            if component.arm in ledger.cores:
                services[component.name] |= {"cpuset": cpuset(ledger.cores[component.arm])}
            if component.name in ledger.sources:
                release = release_of(self.project.file, component.name, ledger.sources)
                services[component.name] |= {"image": release.image}
        if building is not None and building in ledger.sources:
            release = release_of(self.project.file, building, ledger.sources)
            own = {"image": release.image, "build": {"context": str(release.context)}}
            services.setdefault(release.builder, {}).update(own)
        self.project.write_override(services, ledger.block)

    def upstreams(self, gateway: Component, serving: Mapping[str, Sequence[int]]) -> dict[str, str]:
        """The variables that name its upstreams, each replica by the name of its container."""
        told = {}
        for variable, value in gateway.environment.items():
            name, colon, port = value.partition(":")
            if colon and name in self.topology.components:
                numbers = serving.get(name, [1])
                hosts = (f"{self.project.name}-{name}-{number}:{port}" for number in numbers)
                told[variable] = " ".join(hosts)
        return told

    def port(self, component: Component) -> int | None:
        """Inside its container; `None` when it does not listen."""
        match component.kind:
            case Kind.DATABASE:
                return POSTGRES_PORT
            case Kind.CACHE:
                return VALKEY_PORT
        return int(component.environment[component.listen.port]) if component.listen else None

    def accesses(self, container: Container) -> tuple[Access, ...]:
        component = self.topology.components[container.component]
        place = Place(POSTGRES_PORT, reachable(container))
        return accesses(component, place, self.project.paths.secrets)

    def broker_password(self, component: Component) -> str | None:
        return secret_in(component.environment, "VALKEY_PASSWORD_FILE", self.project.paths)

    def probe(self, container: Container) -> readiness.Probe:
        """Asks it in its own protocol at its own address: an `exec` takes half a second of CPU."""
        component = self.topology.components[container.component]
        port, host = self.port(component), container.host
        if port is None or not host:
            return self._file_probe(
                container, component.environment.get(component.ready_file or "")
            )
        match component.kind:
            case Kind.DATABASE:
                return readiness.postgres_probe(self.accesses(container)[0].admin_url)
            case Kind.CACHE:
                return readiness.valkey_probe(port, self.broker_password(component), host)
            case Kind.GATEWAY:
                return readiness.gateway_probe(port, host)
        return readiness.http_probe(port, component.ready_path or "/readyz", host)

    def _file_probe(self, container: Container, file: str | None) -> readiness.Probe:
        def exists() -> bool:
            try:
                return file is not None and self.execute(container, ["test", "-f", file])[0] == 0
            except APIError:  # it does not run
                return False

        async def probe() -> bool:
            return await asyncio.to_thread(exists)

        return probe

    def execute(
        self, container: Container, command: list[str], environment: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        """Status and output of a command in the container."""
        api = self.daemon.api
        made = api.exec_create(container.id, command, environment=dict(environment or {}))
        said = api.exec_start(made["Id"])
        return int(api.exec_inspect(made["Id"])["ExitCode"] or 0), said.decode(errors="replace")

    async def start(self, container: Container, *, seconds: float = READY_SECONDS) -> None:
        """Returns when it is ready; raises with the tail of its log when it never gets there."""
        with refusals(f"start {container.replica}"):
            await asyncio.to_thread(self.daemon.api.start, container.id)
        await self.until_ready(container, time.monotonic() + seconds)

    async def until_ready(self, container: Container, deadline: float) -> None:
        """Docker is asked less often than the component: twenty may be waited for at once."""
        before, pause = container.restarts, _POLL_SECONDS
        while True:
            now = await asyncio.to_thread(look, self.daemon, container.id)
            if now is None:
                raise EngineError(f"{container.replica} has been removed")
            if now.status == "exited" or now.restarts > before:
                raise EngineError(f"{now.replica} did not start: {self.ended(now)}")
            if time.monotonic() > deadline:
                raise EngineError(f"{now.replica} is not ready{self.log_tail(now)}")
            for _ in range(_PROBES_PER_LOOK if now.running else 1):
                if now.running and await self._answers(now):
                    return
                await asyncio.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 2)

    async def _answers(self, container: Container) -> bool:
        try:
            return await readiness.will_answer(self.probe(container))
        except readiness.LoginRefusedError as error:
            raise EngineError(
                f"{container.component} holds data made with another password, by another checkout "
                f"or before .twinbench was deleted: `docker compose --project-name "
                f"{self.project.name} down --volumes` deletes all data of this project, "
                "COMPOSE_PROJECT_NAME gives this checkout a project of its own"
            ) from error

    def ended(self, container: Container) -> str:
        cause = cause_of(container.exit_code) if container.status == "exited" else "it ended"
        return f"{cause}{self.log_tail(container)}"

    def log_tail(self, container: Container) -> str:
        with refusals("tell a log"):
            said = self.daemon.api.logs(container.id, tail=_TAIL_LINES).decode(errors="replace")
        return "; the end of its log:\n" + "\n".join(f"    {line}" for line in said.splitlines())


def reachable(container: Container) -> str:
    """Its address. Raises EngineError when it has none."""
    if not container.host:
        raise EngineError(f"{container.replica} is not running")
    return container.host
