"""What the kernel's cgroup files tell of a component: its processes, its CPU time, its memory."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from twinbench.engines.compose.groups import Groups
from twinbench.engines.procfs import Memory, memory_of_all
from twinbench.topology import Component


def pids_in(folder: Path) -> list[int]:
    """Of a component's group: those of all its containers."""
    return [pid for file in sorted(folder.glob("*/cgroup.procs")) for pid in numbers_in(file)]


def numbers_in(file: Path) -> list[int]:
    try:
        return [int(word) for word in file.read_text().split()]
    except OSError:  # its container has ended
        return []


def cpu_seconds(groups: Groups, component: Component) -> float:
    """Of all containers that the component ever had in this project."""
    if groups.version == "cgroup-v2":
        file = groups.component("", component.arm, component.name) / "cpu.stat"
        return _values(file).get("usage_usec", 0) / 1e6
    file = groups.component("cpuacct", component.arm, component.name) / "cpuacct.usage"
    return sum(numbers_in(file)) / 1e9


def memory_in(groups: Groups, component: Component, pids: Sequence[int]) -> Memory:
    """PSS where the kernel lets us read it, else what the group uses less inactive file cache."""
    if (found := memory_of_all(pids)) is not None:
        return found
    folder = groups.component("memory", component.arm, component.name)
    values = _values(folder / "memory.stat")
    if groups.version == "cgroup-v2":
        used, inactive = sum(numbers_in(folder / "memory.current")), values.get("inactive_file", 0)
        return Memory(used - inactive, sum(numbers_in(folder / "memory.swap.current")))
    used = sum(numbers_in(folder / "memory.usage_in_bytes"))
    return Memory(used - values.get("total_inactive_file", 0), values.get("total_swap", 0))


def readable_pss(pids: Iterable[int]) -> bool:
    """Permission is a matter of who runs them, the same for all of a component."""
    for pid in pids:
        try:
            Path(f"/proc/{pid}/smaps_rollup").read_bytes()
        except PermissionError:
            return False
        except OSError:
            continue
        return True
    return True


def _values(file: Path) -> dict[str, int]:
    try:
        rows = (line.split() for line in file.read_text().splitlines())
    except FileNotFoundError:
        return {}
    return {row[0]: int(row[1]) for row in rows if len(row) == 2}  # noqa: PLR2004 - name and value
