"""One cgroup per arm, one inside it per component: where a budget is put and use is read.

Docker makes them, as the parents of containers. They outlive a container, so what a component has
used is counted on when its container is replaced, and a budget holds for containers yet to come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from twinbench.engines.cgroups import Version
from twinbench.engines.compose.project import words_of
from twinbench.engines.protocol import EngineError

_UNIFIED = "unified"
_MOUNTS = Path("/proc/self/mountinfo")


def cpuset(cores: Iterable[int]) -> str:
    """As Docker and the kernel write it."""
    return ",".join(map(str, sorted(cores)))


@dataclass(frozen=True, slots=True)
class Groups:
    """`roots`: where each controller is mounted (all in one place with version 2)."""

    project: str
    systemd: bool
    version: Version
    roots: Mapping[str, Path]

    def parent(self, arm: str, component: str) -> str:
        """`cgroup_parent` of a component, as Docker's driver wants it."""
        path = self._path(arm, component)
        return path.name if self.systemd else f"/{path}"

    def arm(self, controller: str, arm: str) -> Path:
        return self._root(controller) / self._path(arm)

    def component(self, controller: str, arm: str, component: str) -> Path:
        return self._root(controller) / self._path(arm, component)

    def top(self, controller: str) -> Path:
        return self._root(controller) / self._path()

    def _path(self, *names: str) -> Path:
        words = [words_of(name) for name in (self.project, *names)]
        if not self.systemd:
            return Path(*words)
        return Path(*("-".join(words[: n + 1]) + ".slice" for n in range(len(words))))

    def _root(self, controller: str) -> Path:
        return self.roots["" if self.version == "cgroup-v2" else controller]

    def controllers(self) -> tuple[str, ...]:
        """Those in which Docker makes folders."""
        return tuple(self.roots)


def groups_of(project: str, info: Mapping[str, object]) -> Groups:
    """`info` is the engine's own. Raises EngineError where its cgroups are not this machine's."""
    version: Version = "cgroup-v2" if str(info.get("CgroupVersion", "1")) == "2" else "cgroup-v1"
    roots = _mounted(version)
    if not roots:
        raise EngineError(
            f"no {version} is mounted here as Docker uses it: run the workbench on the machine "
            "that Docker runs on"
        )
    return Groups(project, info.get("CgroupDriver") == "systemd", version, roots)


def _mounted(version: Version) -> dict[str, Path]:
    roots: dict[str, Path] = {}
    for line in _MOUNTS.read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split()[:3]
        point = Path(before.split()[4])
        if kind == "cgroup2" and version == "cgroup-v2":
            roots.setdefault("", point)
        elif kind == "cgroup2":
            roots.setdefault(_UNIFIED, point)  # of version 1 too, Docker makes folders there
        elif kind == "cgroup" and version == "cgroup-v1":
            for name in options.split(","):
                if name in point.name.split(",") or name.startswith("name="):
                    roots.setdefault(name, point)
    return roots
