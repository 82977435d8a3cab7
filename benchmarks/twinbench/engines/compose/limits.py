"""What each arm may use: cores by Docker's cpusets, budgets in the arm's own cgroup."""

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from twinbench.engines.budgets import (
    cpu_settings,
    has_budget,
    memory_setting,
    throttled_seconds,
)
from twinbench.engines.compose.containers import Container
from twinbench.engines.compose.daemon import Daemon, refusals
from twinbench.engines.compose.fleet import Fleet
from twinbench.engines.compose.groups import Groups, cpuset
from twinbench.engines.compose.usage import numbers_in, readable_pss
from twinbench.engines.compose.writing import may_write, remove, write
from twinbench.engines.protocol import Abilities, AppliedLimit, EngineError, Limit
from twinbench.topology import Kind

_AT_ONCE = 8
_CPU = "cpu"
_MEMORY = "memory"

Place = Callable[..., Path]
"""Controller and names to the folder of a group."""


def abilities(groups: Groups) -> Abilities:
    """Everything that Docker's engine can do, it can do for whoever may use it."""
    direct = may_write(groups.roots.get("cpu", groups.roots.get("", Path("/sys/fs/cgroup"))))
    how = "directly" if direct else "by a container of root's"
    driver = "systemd" if groups.systemd else "cgroupfs"
    explanation = (
        f"cores by cpuset, and CPU and memory budgets by {groups.version} ({driver} driver), "
        f"written {how}"
    )
    cores = tuple(sorted(os.sched_getaffinity(0)))
    inside = (pid for file in groups.top(_CPU).rglob("cgroup.procs") for pid in numbers_in(file))
    return Abilities(
        cores,
        cpu_budget=True,
        memory_budget=True,
        explanation=explanation,
        memory_reading="PSS" if readable_pss(inside) else "cgroup usage less inactive file cache",
    )


def apply(fleet: Fleet, arm: str, limit: Limit) -> AppliedLimit:
    """To the arm's containers, and to its cgroup, which those that come later are put into."""
    groups, containers = fleet.groups, fleet.of_arm(arm)
    names = [c.name for c in fleet.topology.of_arm(arm) if c.kind is not Kind.JOB]
    given = {part.component for part in limit.parts}
    if given and given != set(names):
        odd = ", ".join(sorted(given ^ set(names)))
        raise EngineError(f"a divided budget names every component once: {odd}")
    if any(one.running for one in containers):
        _bind(fleet.daemon, containers, limit.cores or frozenset(os.sched_getaffinity(0)))
        write(fleet.daemon, list(_settings(groups, arm, limit, names)))
    if limit.cpus is not None or limit.memory_bytes is not None:
        return AppliedLimit(limit, groups.version)
    return AppliedLimit(limit, "none" if limit.cores is None else "cpuset")


def _bind(daemon: Daemon, containers: Sequence[Container], cores: Iterable[int]) -> None:
    words = cpuset(cores)

    def one(container: Container) -> None:
        daemon.api.update_container(container.id, cpuset_cpus=words)

    with refusals("bind containers to cores"), ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(one, containers))


def _settings(
    groups: Groups, arm: str, limit: Limit, names: Sequence[str]
) -> Iterable[tuple[Path, str]]:
    """Parts are lifted first: version 1 takes no whole that is less than one of its parts."""
    parts = {part.component: part for part in limit.parts}
    there = [n for n in names if groups.component(_CPU, arm, n).exists()]
    for name in there:
        yield from _of(groups, groups.component, (arm, name), None, None)
    yield from _of(groups, groups.arm, (arm,), limit.cpus, limit.memory_bytes)
    for name in there:
        if name in parts:
            own = parts[name]
            yield from _of(groups, groups.component, (arm, name), own.cpus, own.memory_bytes)


def _of(
    groups: Groups, place: Place, names: tuple[str, ...], cpus: float | None, size: int | None
) -> Iterable[tuple[Path, str]]:
    for file, value in cpu_settings(groups.version, cpus):
        yield place(_CPU, *names) / file, value
    file, value = memory_setting(groups.version, size)
    yield place(_MEMORY, *names) / file, value


def throttled(groups: Groups, arm: str, component: str) -> tuple[str, float | None]:
    """The pool that the component is in, and for how long, in all, that was held back."""
    for pool, folder in (
        (component, groups.component(_CPU, arm, component)),
        (arm, groups.arm(_CPU, arm)),
    ):
        if has_budget(folder):
            return pool, throttled_seconds(folder)
    return arm, None


def take_away(daemon: Daemon, groups: Groups) -> None:
    """All groups of the project, which must hold no container any more."""
    remove(daemon, list(dict.fromkeys(groups.top(name) for name in groups.controllers())))
