"""CPU and memory budgets of whole arms by cgroup, version 1 or 2, where the machine permits."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from twinbench.engines.protocol import Abilities, EngineError, Limit, UnsupportedByEngineError

_PERIOD_US = 100_000
_REMOVAL_SECONDS = 2.0
Version = Literal["cgroup-v1", "cgroup-v2"]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where groups of ours may be made; under version 2 both folders are the same."""

    version: Version
    cpu: Path | None
    memory: Path | None


def find_hierarchy() -> Hierarchy | None:
    """Tries by making a group, as permission bits alone do not tell."""
    own = _own_groups()
    controllers = {name: group for name, group in own.items() if name and _can_make_group_in(group)}
    if controllers:
        return Hierarchy("cgroup-v1", controllers.get("cpu"), controllers.get("memory"))
    unified = own.get("")
    if unified is None or not _can_make_group_in(unified):
        return None
    enabled = (unified / "cgroup.subtree_control").read_text().split()
    cpu = unified if "cpu" in enabled else None
    memory = unified if "memory" in enabled else None
    return Hierarchy("cgroup-v2", cpu, memory) if cpu or memory else None


def _own_groups() -> dict[str, Path]:
    """Controller (empty for version 2) to the folder of the group that this process is in."""
    mounts: dict[str, tuple[Path, str]] = {}
    for line in _lines(Path("/proc/self/mountinfo")):
        before, _, after = line.partition(" - ")
        kind, _, options = after.split()[:3]
        root, mounted_at = before.split()[3:5]
        point = Path(mounted_at)
        if kind == "cgroup2":
            mounts[""] = point, root
        elif kind == "cgroup":
            for name in {"cpu", "memory"} & set(options.split(",")):
                mounts[name] = point, root
    groups = {}
    for line in _lines(Path("/proc/self/cgroup")):
        _, names, path = line.split(":", 2)
        for name in names.split(","):
            if name in mounts:
                folder, root = mounts[name]
                groups[name] = folder / os.path.relpath(path, root)
    return groups


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except FileNotFoundError:
        return []


def _can_make_group_in(folder: Path) -> bool:
    trial = folder / f"twinbench-trial-{os.getpid()}"
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError:
        return False
    return True


class ArmGroup:
    """One cgroup for one arm, in each hierarchy that is needed."""

    def __init__(self, hierarchy: Hierarchy, name: str) -> None:
        self._version = hierarchy.version
        self._cpu = hierarchy.cpu / name if hierarchy.cpu else None
        self._memory = hierarchy.memory / name if hierarchy.memory else None
        for folder in self._folders():
            folder.mkdir(exist_ok=True)

    def _folders(self) -> list[Path]:
        return list(dict.fromkeys(f for f in (self._cpu, self._memory) if f is not None))

    @property
    def entry_files(self) -> tuple[Path, ...]:
        """Writing a process id into each of these puts that process into the group."""
        return tuple(folder / "cgroup.procs" for folder in self._folders())

    def apply(self, limit: Limit) -> None:
        self._apply_cpu(limit.cpus)
        self._apply_memory(limit.memory_bytes)

    def _apply_cpu(self, cpus: float | None) -> None:
        if self._cpu is None:
            if cpus is not None:
                raise UnsupportedByEngineError(_LACKING.format("CPU"))
            return
        quota = None if cpus is None else int(cpus * _PERIOD_US)
        if self._version == "cgroup-v2":
            _write(self._cpu / "cpu.max", f"{'max' if quota is None else quota} {_PERIOD_US}")
        else:
            _write(self._cpu / "cpu.cfs_period_us", str(_PERIOD_US))
            _write(self._cpu / "cpu.cfs_quota_us", str(-1 if quota is None else quota))

    def _apply_memory(self, size: int | None) -> None:
        if self._memory is None:
            if size is not None:
                raise UnsupportedByEngineError(_LACKING.format("memory"))
            return
        if self._version == "cgroup-v2":
            _write(self._memory / "memory.max", "max" if size is None else str(size))
        else:
            _write(self._memory / "memory.limit_in_bytes", str(-1 if size is None else size))

    def take(self, pids: list[int]) -> None:
        for file in self.entry_files:
            for pid in pids:
                try:
                    file.write_text(str(pid))
                except ProcessLookupError:
                    continue  # it has ended

    def throttled_seconds(self) -> float | None:
        if self._cpu is None:
            return None
        values = dict(line.split() for line in (self._cpu / "cpu.stat").read_text().splitlines())
        if self._version == "cgroup-v2":
            return int(values.get("throttled_usec", 0)) / 1e6
        return int(values.get("throttled_time", 0)) / 1e9

    def remove(self) -> None:
        """The kernel empties a group a moment after its last process has ended."""
        deadline = time.monotonic() + _REMOVAL_SECONDS
        for folder in self._folders():
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        return
                    time.sleep(0.01)


_LACKING = (
    "a {} budget needs a cgroup that this user may divide; run as root or in a delegated "
    "systemd scope (`systemd-run --user --scope -p Delegate=yes`), or limit cores instead"
)


def no_budgets() -> UnsupportedByEngineError:
    return UnsupportedByEngineError(_LACKING.format("CPU or memory"))


def _write(file: Path, value: str) -> None:
    try:
        file.write_text(value)
    except OSError as error:
        raise EngineError(f"the kernel refused {value!r} for {file}: {error.strerror}") from error


def abilities() -> Abilities:
    hierarchy = find_hierarchy()
    cpu, memory = bool(hierarchy and hierarchy.cpu), bool(hierarchy and hierarchy.memory)
    if hierarchy is None:
        explanation = "cores only: no cgroup may be made here"
    else:
        parts = [n for n, able in (("CPU", cpu), ("memory", memory)) if able]
        explanation = f"cores, and {' and '.join(parts)} budgets by {hierarchy.version}"
    return Abilities(tuple(sorted(os.sched_getaffinity(0))), cpu, memory, explanation)
