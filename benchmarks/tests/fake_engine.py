"""An engine with one small HTTP server per arm: real processes, no shop behind them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from twinbench.engines.kinship import die_with_parent
from twinbench.engines.protocol import (
    Abilities,
    AppliedLimit,
    ComponentStats,
    ComponentStatus,
    EngineStatus,
    Limit,
    Phase,
    Progress,
    ReplaceStrategy,
    ReplicaStatus,
    RolledBackError,
)
from twinbench.paths import StatePaths
from twinbench.topology import load as load_topology

SHOP = Path(__file__).with_name("shop_server.py")
HOP_MS = {"microservices": 1.0, "modulith": 0.1}
"""What a call adds to its callee's own time, where servers are asked to tell."""


class FakeEngine:
    """Only what experiments use. `events` lists what was asked of it, in order."""

    name = "fake"

    def __init__(
        self, arms: Sequence[str], state: Path = Path("nowhere"), *, budgets: bool = False
    ) -> None:
        self.paths = StatePaths(state)
        self._budgets = budgets
        self._servers = {arm: self._start(arm) for arm in arms}
        self.events: list[tuple[str, ...]] = []
        self.frozen: set[str] = set()
        self.running = False
        self.size: str | None = None
        self.replicas: dict[str, int] = {}

    def _start(self, arm: str) -> tuple["subprocess.Popen[bytes]", int]:
        process = subprocess.Popen(
            [sys.executable, str(SHOP), str(HOP_MS.get(arm, 0.0))],
            stdout=subprocess.PIPE,
            preexec_fn=lambda: die_with_parent(signal.SIGKILL),  # noqa: PLW1509 -- tests kill us
        )
        assert process.stdout is not None
        return process, int(process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for process, _ in self._servers.values():
            process.kill()
            process.communicate()

    def abilities(self) -> Abilities:
        cores = tuple(sorted(os.sched_getaffinity(0)))
        return Abilities(cores, self._budgets, self._budgets, explanation="none on this machine")

    def status(self) -> EngineStatus:
        arms = tuple(self._servers) if self.running else ()
        components = tuple(
            ComponentStatus(f"{arm}-web", arm, "app", "ready", None, (), 0, 0.0, ()) for arm in arms
        )
        scaled = tuple(_scaled(name, count) for name, count in self.replicas.items() if count > 1)
        return EngineStatus(self.running, arms, self.size, components + scaled)

    def up(
        self,
        arms: Sequence[str],
        *,
        size: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        self.events.append(("up", *arms))
        for arm in () if self.running else arms:
            self.tell(arm, os.environ.get("TWINBENCH_TRACE", "off"))
        self.running, self.size = True, size
        if progress is not None:
            for number, arm in enumerate(arms, start=1):
                progress(Progress(f"{arm}-web", Phase.READY, number, len(arms), 0.0))

    def down(self) -> None:
        self.events.append(("down",))
        self.running = False

    def gateway(self, arm: str) -> str:
        return f"http://127.0.0.1:{self._servers[arm][1]}"

    def freeze(self, arm: str) -> None:
        self.events.append(("freeze", arm))
        self.frozen.add(arm)
        self._servers[arm][0].send_signal(signal.SIGSTOP)

    def thaw(self, arm: str) -> None:
        self.events.append(("thaw", arm))
        self.frozen.discard(arm)
        self._servers[arm][0].send_signal(signal.SIGCONT)

    def address(self, component: str) -> str:
        return f"127.0.0.1:{self._servers[load_topology().components[component].arm][1]}"

    def replace(
        self,
        component: str,
        *,
        environment: Mapping[str, str] | None = None,
        source: Path | None = None,
        variables: Mapping[str, str] | None = None,
        strategy: ReplaceStrategy = "recreate",
    ) -> None:
        """Any app of an arm stands for its one server; only tracing changes what it does.

        A source is noted, and one of a broken version refused; so are the values of variables.
        """
        if variables:
            self.events.append(("replace", component, strategy, *variables.values()))
            return
        arm = load_topology().components[component].arm
        if environment is None:
            self.events.append(("replace", component, strategy, source.name if source else ""))
            if source is not None and source.name.endswith("-broken"):
                raise RolledBackError(f"{component}-2 did not start: exit status 1")
            return
        self.events.append(("replace", component, *environment.values()))
        if "TRACE" in environment:
            self.tell(arm, environment["TRACE"])

    def tell(self, arm: str, trace: str) -> None:
        self._servers[arm][0].send_signal(signal.SIGUSR2 if trace == "off" else signal.SIGUSR1)

    def wait_ready(self, arm: str) -> None:
        self.events.append(("ready", arm))

    def prepare(self, component: str, *, source: Path) -> None:
        self.events.append(("prepare", component, source.name))

    def scale(self, component: str, replicas: int) -> None:
        self.events.append(("scale", component, str(replicas)))
        self.replicas[component] = replicas

    def run_job(self, job: str, *, source: Path | None = None) -> None:
        self.events.append(("run_job", job, source.name if source else ""))

    def reset(self, arm: str) -> None:
        self.events.append(("reset", arm))

    def limit(self, arm: str, limit: Limit) -> AppliedLimit:
        self.events.append(("limit", arm, ",".join(map(str, sorted(limit.cores or ())))))
        return AppliedLimit(limit, "affinity" if limit.cores else "none")

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        assert arm is not None
        pid = self._servers[arm][0].pid
        used = time.clock_gettime((~pid << 3) | 2)
        stats = ComponentStats(
            name=f"{arm}-web", arm=arm, at=time.time(), processes=1, cpu_seconds=used,
            pss_bytes=20_000_000 if memory else None, swap_bytes=0 if memory else None,
            voluntary_switches=1, involuntary_switches=1, throttled_seconds=None, restarts=0,
        )  # fmt: skip
        return (stats,)


def _scaled(name: str, count: int) -> ComponentStatus:
    """Several of it, by name only: the one server of an arm says that it is the first."""
    replicas = tuple(
        ReplicaStatus(f"{name}-{number}", (), f"web-{number}", "ready", 0.0, 0)
        for number in range(1, count + 1)
    )
    arm = load_topology().components[name].arm
    return ComponentStatus(name, arm, "app", "ready", "web-1", replicas, 0, 0.0, ())
