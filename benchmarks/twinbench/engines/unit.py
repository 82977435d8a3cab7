"""One component as the process engine has it: its replicas, and how each is made and asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from twinbench.engines import readiness
from twinbench.engines.children import Children, Confinement, Launch
from twinbench.engines.data import Databases
from twinbench.engines.ports import Ports
from twinbench.engines.protocol import Health, Phase, UnsupportedByEngineError
from twinbench.engines.recipe import Kitchen, Order, launch_of, ready_file, secret_in
from twinbench.engines.replica import Means, Replica
from twinbench.topology import Component, Kind


@dataclass(eq=False)
class Unit:
    """`wanted`: it was asked for, so `status` tells of it."""

    component: Component
    kitchen: Kitchen
    children: Children
    databases: Databases
    ports: Ports
    confinements: Mapping[str, Confinement]
    replicas: list[Replica] = field(default_factory=list)
    overrides: dict[str, str] = field(default_factory=dict)
    phase: Phase = Phase.WAITING
    wanted: bool = False
    failed: bool = False
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
            self.first.port = self.ports.fixed(published, self.name)
            self._has_port = True

    def add_replica(self) -> Replica:
        number = len(self.replicas) + 1
        if number > 1 and (self.component.kind is not Kind.APP or self.component.listen is None):
            raise UnsupportedByEngineError(
                f"{self.name} cannot be scaled: only components that serve requests can"
            )
        name = f"{self.name}-{number}"
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
        return replica

    def confinement(self) -> Confinement:
        """Its own where its arm's budget is divided, else the arm's."""
        whole = self.confinements.get(self.component.arm, Confinement())
        return self.confinements.get(self.name, whole)

    async def remove_last_replica(self) -> None:
        replica = self.replicas.pop()
        await replica.stop()
        self._cpu_of_removed += replica.cpu_seconds([])

    def order(self, replica: Replica) -> Order:
        return Order(self.component, replica.name, replica.port, self.overrides)

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
