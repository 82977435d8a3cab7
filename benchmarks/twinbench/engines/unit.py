"""One component as the process engine has it: its replicas, and how each is made and asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count

from twinbench.engines import readiness
from twinbench.engines.children import Children, Confinement, Launch
from twinbench.engines.data import Databases
from twinbench.engines.ports import Ports
from twinbench.engines.protocol import Health, Phase, UnsupportedByEngineError
from twinbench.engines.recipe import Kitchen, Order, Release, launch_of, ready_file, secret_in
from twinbench.engines.replica import Means, Replica
from twinbench.engines.scalable import why_single
from twinbench.topology import Component, Kind


@dataclass(eq=False)
class Unit:
    """`wanted`: it was asked for, so `status` tells of it. `release`: what new replicas run."""

    component: Component
    kitchen: Kitchen
    children: Children
    databases: Databases
    ports: Ports
    confinements: Mapping[str, Confinement]
    replicas: list[Replica] = field(default_factory=list)
    release: Release = field(default_factory=Release)
    phase: Phase = Phase.WAITING
    wanted: bool = False
    failed: bool = False
    _releases: dict[str, Release] = field(default_factory=dict)
    _cpu_of_removed: float = 0.0
    _has_port: bool = False

    def __post_init__(self) -> None:
        self.add_replica()

    @property
    def name(self) -> str:
        return self.component.name

    @property
    def first(self) -> Replica:
        return self.replicas[0]

    @property
    def addresses(self) -> list[str]:
        return [r.address for r in self.replicas if not r.held] or [self.first.address]

    @property
    def up(self) -> bool:
        return self.phase is Phase.READY

    def claim_published_port(self) -> None:
        """A gateway listens where the topology publishes it; 0 leaves the choice to us."""
        published = self.component.published_port
        if published is not None and not self.first.running and not self._has_port:
            self.first.port = self.ports.published(published, self.name)
            self._has_port = True

    def add_replica(self) -> Replica:
        if self.replicas and (reason := why_single(self.component)):
            raise UnsupportedByEngineError(f"{self.name} cannot be scaled: {reason}")
        taken = {replica.name for replica in self.replicas}
        names = (f"{self.name}-{number}" for number in count(1))
        name = next(name for name in names if name not in taken)
        port = self.ports.free()
        replica = Replica(
            name=name,
            port=port,
            children=self.children,
            means=Means(
                launch=lambda: self._launch(replica),
                confinement=self.confinement,
                probe=lambda: self.probe(replica),
            ),
            restart=self.component.restart,
            stop_grace=self.component.stop_grace_seconds,
        )
        self.replicas.append(replica)
        self.assign(replica)
        return replica

    def assign(self, replica: Replica) -> None:
        """From its next start on it runs the unit's release of now."""
        self._releases[replica.name] = self.release

    def runs(self, replica: Replica) -> Release:
        return self._releases[replica.name]

    @property
    def serves(self) -> bool:
        """Whether it answers requests, so that there may be several of it."""
        return why_single(self.component) is None

    def confinement(self) -> Confinement:
        """Its own where its arm's budget is divided, else the arm's."""
        whole = self.confinements.get(self.component.arm, Confinement())
        return self.confinements.get(self.name, whole)

    async def remove(self, replica: Replica) -> None:
        await replica.stop()
        self.replicas.remove(replica)
        self._cpu_of_removed += replica.cpu_seconds([])

    def order(self, replica: Replica) -> Order:
        release = self.runs(replica)
        component = release.described or self.component
        return Order(component, replica.name, replica.port, release)

    def _launch(self, replica: Replica) -> Launch:
        return launch_of(self.kitchen, self.order(replica))

    def probe(self, replica: Replica) -> readiness.Probe:
        component, port = self.component, replica.port
        match component.kind:
            case Kind.DATABASE:
                # Until role and database are made only the superuser can enter.
                return readiness.postgres_probe(self.databases.access(component, port).admin_url)
            case Kind.CACHE:
                paths = self.kitchen.paths
                password = secret_in(component.environment, "VALKEY_PASSWORD_FILE", paths)
                return readiness.valkey_probe(port, password)
            case Kind.GATEWAY:
                return readiness.gateway_probe(port)
        file = ready_file(self.kitchen, self.order(replica))
        if file is not None:
            return readiness.file_probe(file)
        return readiness.http_probe(port, component.ready_path or "/readyz")

    def cpu_seconds(self, by_replica: Mapping[str, float]) -> float:
        return self._cpu_of_removed + sum(by_replica.values())

    async def health(self, replica: Replica, *, frozen: bool) -> Health:
        if not replica.running:
            wanted = self.up and not replica.held
            return "starting" if wanted and self.component.restart else self._ended(replica)
        if frozen:
            return "frozen"
        if await readiness.answers(self.probe(replica)):
            return "ready"
        return "unready" if self.up else "starting"

    def _ended(self, replica: Replica) -> Health:
        return "failed" if replica.exits and not replica.held else "stopped"
