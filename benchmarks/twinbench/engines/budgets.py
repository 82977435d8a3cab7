"""CPU and memory budgets of whole arms, as one pool or divided among components, by cgroup."""

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from twinbench.engines.cgroups import LACKING, Hierarchy, Version
from twinbench.engines.protocol import EngineError, Limit, UnsupportedByEngineError

_PERIOD_US = 100_000
# The kernel takes no less.
_LEAST_QUOTA_US = 1_000
_REMOVAL_SECONDS = 2.0
_CONTROLLERS = ("cpu", "memory")


class Group:
    """One cgroup, in each hierarchy that is needed, and the groups that were made inside it."""

    def __init__(self, hierarchy: Hierarchy, name: str) -> None:
        self._hierarchy = hierarchy
        self._cpu = hierarchy.cpu / name if hierarchy.cpu else None
        self._memory = hierarchy.memory / name if hierarchy.memory else None
        self.parts: dict[str, Group] = {}
        for folder in self._folders():
            folder.mkdir(exist_ok=True)

    def _folders(self) -> list[Path]:
        return list(dict.fromkeys(f for f in (self._cpu, self._memory) if f is not None))

    @property
    def version(self) -> Version:
        return self._hierarchy.version

    @property
    def _unified(self) -> bool:
        return self.version == "cgroup-v2"

    @property
    def entry_files(self) -> tuple[Path, ...]:
        """Writing a process id into each of these puts that process into the group."""
        return tuple(folder / "cgroup.procs" for folder in self._folders())

    def divide(self, members: Mapping[str, Sequence[int]]) -> None:
        """Make a group of its own for each name and put those processes into it.

        Version 2 hands controllers down only when the group above has no process left.
        """
        inner = Hierarchy(self._hierarchy.version, self._cpu, self._memory)
        for name, pids in members.items():
            self.parts[name] = Group(inner, name)
            self.parts[name].take(pids)
        self._hand_down("+")

    def unite(self) -> None:
        """Undo `divide`; processes come back into this group."""
        if not self.parts:
            return
        self._hand_down("-")
        for part in self.parts.values():
            self.take(part.pids())
            part.remove()
        self.parts.clear()

    def _hand_down(self, sign: str) -> None:
        if self._unified:
            there = [n for n, f in zip(_CONTROLLERS, (self._cpu, self._memory), strict=True) if f]
            words = " ".join(f"{sign}{name}" for name in there)
            _write(self._folders()[0] / "cgroup.subtree_control", words)

    def apply(self, limit: Limit) -> None:
        """The budget of the whole, then that of each part, which may not exceed it."""
        self._apply_cpu(limit.cpus)
        self._apply_memory(limit.memory_bytes)
        for part in limit.parts:
            own = Limit(cpus=part.cpus, memory_bytes=part.memory_bytes)
            self.parts[part.component].apply(own)

    def _apply_cpu(self, cpus: float | None) -> None:
        if self._cpu is None:
            if cpus is not None:
                raise UnsupportedByEngineError(LACKING.format("CPU"))
            return
        for file, value in cpu_settings(self.version, cpus):
            _write(self._cpu / file, value)

    def _apply_memory(self, size: int | None) -> None:
        if self._memory is None:
            if size is not None:
                raise UnsupportedByEngineError(LACKING.format("memory"))
            return
        file, value = memory_setting(self.version, size)
        _write(self._memory / file, value)

    def take(self, pids: Iterable[int]) -> None:
        for file in self.entry_files:
            for pid in pids:
                try:
                    file.write_text(str(pid))
                except ProcessLookupError:
                    continue  # it has ended

    def pids(self) -> list[int]:
        files = self.entry_files
        return sorted({int(pid) for file in files for pid in file.read_text().split()})

    def throttled_seconds(self) -> float | None:
        """How long, in all, its processes could have run and were not let."""
        return None if self._cpu is None else throttled_seconds(self._cpu)

    def remove(self) -> None:
        """The kernel empties a group a moment after its last process has ended."""
        for part in self.parts.values():
            part.remove()
        deadline = time.monotonic() + _REMOVAL_SECONDS
        for folder in self._folders():
            while folder.exists():
                try:
                    folder.rmdir()
                except OSError:
                    if time.monotonic() > deadline:
                        return
                    time.sleep(0.01)


def cpu_settings(version: Version, cpus: float | None) -> tuple[tuple[str, str], ...]:
    """What to write to which files of a group so that it has these CPUs; `None`: all."""
    quota = None if cpus is None else max(_LEAST_QUOTA_US, int(cpus * _PERIOD_US))
    if version == "cgroup-v2":
        return (("cpu.max", f"{'max' if quota is None else quota} {_PERIOD_US}"),)
    return (
        ("cpu.cfs_period_us", str(_PERIOD_US)),
        ("cpu.cfs_quota_us", str(-1 if quota is None else quota)),
    )


def memory_setting(version: Version, size: int | None) -> tuple[str, str]:
    if version == "cgroup-v2":
        return "memory.max", "max" if size is None else str(size)
    return "memory.limit_in_bytes", str(-1 if size is None else size)


def has_budget(folder: Path) -> bool:
    """Whether the group of this folder is held to a share of the CPUs."""
    for name in ("cpu.max", "cpu.cfs_quota_us"):
        file = folder / name
        if file.exists():
            return file.read_text().split()[0] not in {"max", "-1"}
    return False


def throttled_seconds(folder: Path) -> float:
    """How long, in all, the processes of a group could have run and were not let."""
    values = dict(line.split() for line in (folder / "cpu.stat").read_text().splitlines())
    if "throttled_usec" in values:
        return int(values["throttled_usec"]) / 1e6
    return int(values.get("throttled_time", 0)) / 1e9


def _write(file: Path, value: str) -> None:
    try:
        file.write_text(value)
    except OSError as error:
        raise EngineError(f"the kernel refused {value!r} for {file}: {error.strerror}") from error
