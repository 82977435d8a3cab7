"""What runs and what it uses, read from the kernel's cgroup files and from Docker.

A reading of resources asks Docker nothing, except about containers that it has not seen before.
"""

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from twinbench.engines.compose.containers import Container, cause_of, look
from twinbench.engines.compose.fleet import Fleet
from twinbench.engines.compose.groups import Groups
from twinbench.engines.compose.limits import throttled
from twinbench.engines.compose.usage import cpu_seconds, memory_in, numbers_in, pids_in
from twinbench.engines.procfs import context_switches
from twinbench.engines.protocol import (
    ComponentStats,
    ComponentStatus,
    Health,
    ReplicaStatus,
    UnaskedExit,
)
from twinbench.engines.readiness import answers
from twinbench.topology import Component, Kind

_WORST_FIRST: tuple[Health, ...] = ("failed", "unready", "starting", "stopped", "frozen", "ready")


@dataclass(eq=False)
class Restarts:
    """How often components have been restarted; asks Docker when a container has a new group."""

    _known: dict[tuple[str, int], int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, folder: Path, fleet: Fleet) -> int:
        with self._lock:
            return sum(self._of(leaf, fleet) for leaf in folder.glob("*") if leaf.is_dir())

    def _of(self, leaf: Path, fleet: Fleet) -> int:
        try:
            seen = leaf.name, leaf.stat().st_ino
        except FileNotFoundError:
            return 0
        if seen not in self._known:
            identity = leaf.name.removeprefix("docker-").removesuffix(".scope")
            container = look(fleet.daemon, identity)
            self._known[seen] = container.restarts if container else 0
        return self._known[seen]


def stats_of(
    fleet: Fleet, components: Iterable[Component], restarts: Restarts, *, memory: bool
) -> tuple[ComponentStats, ...]:
    """Of those that run on and have been started."""
    asked = fleet.ledgers.read().restarts
    there = [one for one in components if _place(fleet.groups, one).exists()]
    return tuple(
        _stats(
            fleet.groups, one, asked, restarts.of(_place(fleet.groups, one), fleet), memory=memory
        )
        for one in there
        if one.kind is not Kind.JOB
    )


def _place(groups: Groups, component: Component) -> Path:
    return groups.component("cpu", component.arm, component.name)


def _stats(
    groups: Groups, component: Component, asked: Mapping[str, int], unasked: int, *, memory: bool
) -> ComponentStats:
    folder = _place(groups, component)
    pool, held_back = throttled(groups, component.arm, component.name)
    pids = pids_in(folder)
    used = memory_in(groups, component, pids) if memory else None
    switches = [context_switches(pid) for pid in pids]
    by_us = sum(n for name, n in asked.items() if name.rpartition("-")[0] == component.name)
    return ComponentStats(
        name=component.name,
        arm=component.arm,
        at=time.time(),
        processes=len(pids),
        cpu_seconds=cpu_seconds(groups, component),
        pss_bytes=None if used is None else used.pss_bytes,
        swap_bytes=None if used is None else used.swap_bytes,
        voluntary_switches=sum(voluntary for voluntary, _ in switches),
        involuntary_switches=sum(involuntary for _, involuntary in switches),
        throttled_seconds=held_back,
        restarts=by_us + unasked,
        pool=pool,
    )


async def status_of(fleet: Fleet) -> tuple[ComponentStatus, ...]:
    by_component: dict[str, list[Container]] = {}
    for container in await asyncio.to_thread(fleet.containers):
        by_component.setdefault(container.component, []).append(container)
    order = fleet.topology.components
    names = [name for name in order if name in by_component]
    return tuple(
        await asyncio.gather(*(_status(fleet, order[name], by_component[name]) for name in names))
    )


async def _status(
    fleet: Fleet, component: Component, containers: Sequence[Container]
) -> ComponentStatus:
    groups = fleet.groups
    pids = pids_in(_place(groups, component))
    job = component.kind is Kind.JOB
    replicas = () if job else await asyncio.gather(*(_replica(fleet, one) for one in containers))
    healths = {replica.health for replica in replicas}
    worst = next((health for health in _WORST_FIRST if health in healths), None)
    return ComponentStatus(
        name=component.name,
        arm=component.arm,
        kind=component.kind.value,
        health=worst or _health_of_job(containers[0]),
        address=replicas[0].address if replicas else None,
        replicas=tuple(replicas),
        pss_bytes=memory_in(groups, component, pids).pss_bytes,
        cpu_seconds=round(cpu_seconds(groups, component), 2),
        exits=tuple(e for one in containers if not job for e in exits_of(fleet, one)),
    )


async def _replica(fleet: Fleet, container: Container) -> ReplicaStatus:
    component = fleet.topology.components[container.component]
    leaf = _place(fleet.groups, component)
    inside = [
        pid for name in _leaves(container) for pid in numbers_in(leaf / name / "cgroup.procs")
    ]
    main = [container.pid] if container.pid else []
    port = fleet.port(component)
    return ReplicaStatus(
        name=container.replica,
        pids=(*main, *(pid for pid in inside if pid not in main)),
        address=f"{container.host}:{port}" if port and container.host else None,
        health=await _health(fleet, container),
        started_at=container.started_at,
        restarts=container.restarts + fleet.ledgers.read().restarts.get(container.replica, 0),
    )


def _leaves(container: Container) -> tuple[str, str]:
    """Docker's name of its group, with either driver."""
    return container.id, f"docker-{container.id}.scope"


async def _health(fleet: Fleet, container: Container) -> Health:
    if container.paused:
        return "frozen"
    if container.status in {"created", "restarting"}:
        return "starting"
    if not container.running:
        return "stopped" if container.replica in fleet.ledgers.read().held else "failed"
    if await answers(fleet.probe(container)):
        return "ready"
    return "starting" if container.health == "starting" else "unready"


def _health_of_job(container: Container) -> Health:
    """Of one that was made and not started, its stamp says that it need not run."""
    if container.status == "running":
        return "starting"
    return "done" if container.exit_code == 0 else "failed"


def exits_of(fleet: Fleet, container: Container) -> list[UnaskedExit]:
    """One for each restart by Docker's own policy, and one if it is down and nobody wants that."""
    exits = [_exit(fleet, container)] * container.restarts
    down = container.status == "exited" and container.replica not in fleet.ledgers.read().held
    if down:
        exits.append(
            UnaskedExit(container.replica, container.finished_at, cause_of(container.exit_code))
        )
    return exits


def _exit(fleet: Fleet, container: Container) -> UnaskedExit:
    """Docker keeps the last end, and why for as long as it remembers the event."""
    at = container.finished_at
    events = fleet.daemon.api.events(
        since=int(at) - 1,
        until=int(time.time()),
        filters={"container": container.id, "event": "die"},
        decode=True,
    )
    causes = [cause_of(int(event["Actor"]["Attributes"]["exitCode"])) for event in events]
    return UnaskedExit(
        container.replica, at, causes[-1] if causes else "ended; restarted by Docker"
    )
