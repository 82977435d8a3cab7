"""The compose engine: the topology as Docker Compose runs it, in containers."""

import asyncio
import signal as signals
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from twinbench.engines.access import access_to
from twinbench.engines.compose import limits, operations, reading, replacing, restoring
from twinbench.engines.compose.daemon import Daemon
from twinbench.engines.compose.fleet import Fleet
from twinbench.engines.compose.logs import merged, written
from twinbench.engines.compose.stack import Stack, wipe
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
from twinbench.engines.variables import SIZE
from twinbench.paths import TOPOLOGY_FILE, StatePaths, state_folder
from twinbench.topology import Kind, load


class ComposeEngine:
    """Drives one Compose project; what Docker does not remember is in the state folder.

    Objects hold no connection: they may be used from several threads.
    """

    name = "compose"

    def __init__(self, *, state: Path | None = None, topology_file: Path = TOPOLOGY_FILE) -> None:
        self._file = topology_file
        self._stack = Stack(StatePaths(state or state_folder()), topology_file)
        self._restarts = reading.Restarts()

    @property
    def paths(self) -> StatePaths:
        return self._stack.paths

    def abilities(self) -> Abilities:
        with Daemon() as daemon:
            return limits.abilities(self._stack.groups_by(daemon))

    def up(
        self,
        arms: Sequence[str],
        *,
        size: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self._stack.up(arms, size, progress or (lambda _: None))

    def temporarily_up(self, arms: Sequence[str]) -> AbstractContextManager[None]:
        return self._stack.temporarily_up(arms)

    def down(self) -> None:
        self._stack.down()

    def erase(self) -> None:
        """Everything, data and state folder included."""
        self._stack.erase()

    def status(self) -> EngineStatus:
        with self._stack.fleet() as fleet:
            components = asyncio.run(reading.status_of(fleet))
            present = {one.name for one in components}
            arms = tuple(
                arm
                for arm in fleet.topology.arms
                if all(
                    c.name in present for c in fleet.topology.of_arm(arm) if c.kind is not Kind.JOB
                )
            )
        size = self._stack.sizes.of(arms[0]) if arms else None
        return EngineStatus(bool(components), arms, size, components)

    def gateway(self, arm: str) -> str:
        """At its container's own address: what Docker publishes goes through a proxy of its own."""
        with self._stack.fleet() as fleet:
            return f"http://{self._address(fleet, fleet.topology.gateway_of(arm).name)}"

    def address(self, component: str) -> str:
        with self._stack.fleet() as fleet:
            return self._address(fleet, component)

    def _address(self, fleet: Fleet, component: str) -> str:
        first = fleet.replicas(component)[0]
        port = fleet.port(fleet.topology.components[component])
        if not first.host or port is None:
            raise EngineError(f"{first.replica} has no address now")
        return f"{first.host}:{port}"

    def scale(self, component: str, replicas: int) -> None:
        with self._stack.fleet(self._loaded(component)) as fleet:
            asyncio.run(operations.scale(fleet, component, replicas))

    def replace(
        self,
        component: str,
        *,
        environment: Mapping[str, str] | None = None,
        source: Path | None = None,
        variables: Mapping[str, str] | None = None,
        strategy: ReplaceStrategy = "recreate",
    ) -> None:
        change = replacing.Change(environment or {}, _absolute(source))
        with self._stack.fleet({**self._loaded(component), **(variables or {})}) as fleet:
            asyncio.run(replacing.replace(fleet, component, change, strategy))

    def prepare(self, component: str, *, source: Path) -> None:
        with self._stack.fleet(self._loaded(component)) as fleet:
            replacing.prepare(fleet, component, str(source.absolute()))

    def run_job(self, job: str, *, source: Path | None = None) -> None:
        with self._stack.fleet(self._loaded(job)) as fleet:
            asyncio.run(replacing.run_job(fleet, job, _absolute(source)))

    def _loaded(self, component: str) -> dict[str, str]:
        """The size that its arm was brought up with, so that its settings stay as they are."""
        found = load(self._file).components.get(component)
        size = self._stack.sizes.of(found.arm) if found else None
        return {} if size is None else {SIZE: size}

    def kill(
        self,
        replica: str,
        signal: signals.Signals = signals.SIGKILL,
        *,
        restart: bool = True,
    ) -> None:
        with self._stack.fleet() as fleet:
            asyncio.run(operations.kill(fleet, replica, signal, restart=restart))

    def start(self, component: str) -> None:
        with self._stack.fleet() as fleet:
            asyncio.run(operations.start(fleet, component))

    def wait_ready(self, arm: str, *, timeout: float = 30.0) -> None:
        with self._stack.fleet() as fleet:
            asyncio.run(operations.wait_ready(fleet, arm, time.monotonic() + timeout))

    def freeze(self, arm: str) -> None:
        with self._stack.fleet() as fleet:
            operations.freeze(fleet, arm)

    def thaw(self, arm: str) -> None:
        with self._stack.fleet() as fleet:
            operations.thaw(fleet, fleet.of_arm(arm))

    def reset(self, arm: str) -> None:
        with self._stack.fleet() as fleet:
            operations.thaw(fleet, fleet.of_arm(arm))
            if asyncio.run(restoring.restore(fleet, arm)):
                return
            # Jobs have run on data in use: everything is made anew.
            wipe(fleet, arm)
        self.up([arm])

    def limit(self, arm: str, limit: Limit) -> AppliedLimit:
        with self._stack.fleet() as fleet:
            with self._stack.ledgers.changing() as ledger:
                ledger.cores.pop(arm, None)
                if limit.cores is not None:
                    ledger.cores[arm] = sorted(limit.cores)
            fleet.write_override()
            return limits.apply(fleet, arm, limit)

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        with self._stack.fleet() as fleet:
            components = fleet.topology.components.values()
            mine = [one for one in components if arm in {None, one.arm}]
            return reading.stats_of(fleet, mine, self._restarts, memory=memory)

    def logs(self, component: str, *, lines: int = 100) -> str:
        with self._stack.fleet() as fleet:
            return merged(fleet, component, lines)

    def log_files(self, component: str) -> tuple[Path, ...]:
        with self._stack.fleet() as fleet:
            return written(fleet, component)

    def follow(self, component: str, *, lines: int) -> Iterator[str]:
        with self._stack.fleet() as fleet:
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
        with self._stack.fleet() as fleet:
            found = fleet.accesses(fleet.replicas(component)[0])
            access = access_to(fleet.topology.components[component], found, database)
        return access.admin_url if admin else access.url


def _absolute(folder: Path | None) -> str | None:
    return None if folder is None else str(folder.absolute())
