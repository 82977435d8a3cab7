"""Where cgroups of ours may be made, version 1 or 2, and what this machine lacks for budgets."""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from twinbench.engines.protocol import Abilities, UnsupportedByEngineError

_OWN_LEAF = "twinbench-own"
Version = Literal["cgroup-v1", "cgroup-v2"]


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """Where groups of ours may be made; under version 2 both folders are the same."""

    version: Version
    cpu: Path | None
    memory: Path | None


def find_hierarchy(proc: Path = Path("/proc/self")) -> Hierarchy | None:
    """Tries by making a group, as permission bits alone do not tell."""
    own = own_groups(proc)
    controllers = {name: group for name, group in own.items() if name and _can_make_group_in(group)}
    if controllers:
        return Hierarchy("cgroup-v1", controllers.get("cpu"), controllers.get("memory"))
    unified = own.get("")
    if unified is None:
        return None
    if unified.name == _OWN_LEAF:
        unified = unified.parent
    if not _can_make_group_in(unified):
        return None
    _hand_down_controllers(unified)
    enabled = _words(unified / "cgroup.subtree_control")
    cpu = unified if "cpu" in enabled else None
    memory = unified if "memory" in enabled else None
    return Hierarchy("cgroup-v2", cpu, memory) if cpu or memory else None


def _hand_down_controllers(group: Path) -> None:
    """In a group that was delegated to us, as by `systemd-run --user --scope -p Delegate=yes`.

    Controllers can be handed down only from a group without processes: those in it, ours, go into
    a leaf beside the groups that are to come. Where that is forbidden nothing changes.
    """
    wanted = {"cpu", "memory"} & set(_words(group / "cgroup.controllers"))
    missing = wanted - set(_words(group / "cgroup.subtree_control"))
    if not missing:
        return
    enable = " ".join(f"+{name}" for name in sorted(missing))
    with contextlib.suppress(OSError):
        leaf = group / _OWN_LEAF
        leaf.mkdir(exist_ok=True)
        for pid in _words(group / "cgroup.procs"):
            with contextlib.suppress(ProcessLookupError):  # it has ended
                (leaf / "cgroup.procs").write_text(pid)
        (group / "cgroup.subtree_control").write_text(enable)


def own_groups(proc: Path) -> dict[str, Path]:
    """Controller (empty for version 2) to the folder of the group that this process is in."""
    mounts: dict[str, tuple[Path, str]] = {}
    for line in _lines(proc / "mountinfo"):
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
    for line in _lines(proc / "cgroup"):
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


def _words(file: Path) -> list[str]:
    return [word for line in _lines(file) for word in line.split()]


def _can_make_group_in(folder: Path) -> bool:
    trial = folder / f"twinbench-trial-{os.getpid()}"
    try:
        trial.mkdir()
        trial.rmdir()
    except OSError:
        return False
    return True


LACKING = (
    "a {} budget needs a cgroup that this user may divide; run as root or in a delegated "
    "systemd scope (`systemd-run --user --scope -p Delegate=yes ./twinbench ...`), or limit cores "
    "instead"
)


def no_budgets() -> UnsupportedByEngineError:
    return UnsupportedByEngineError(LACKING.format("CPU or memory"))


def abilities() -> Abilities:
    hierarchy = find_hierarchy()
    cpu, memory = bool(hierarchy and hierarchy.cpu), bool(hierarchy and hierarchy.memory)
    able = [n for n, there in (("CPU", cpu), ("memory", memory)) if there]
    lacking = [n for n, there in (("CPU", cpu), ("memory", memory)) if not there]
    explanation = "cores"
    if hierarchy is not None:
        explanation += f", and {' and '.join(able)} budgets by {hierarchy.version}"
    if lacking:
        explanation += f"; {LACKING.format(' and '.join(lacking))}"
    return Abilities(tuple(sorted(os.sched_getaffinity(0))), cpu, memory, explanation)
