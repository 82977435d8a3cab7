"""The containers of one project, found by the labels that Compose gives them."""

import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from docker.errors import NotFound

from twinbench.engines.compose.daemon import Daemon, refusals
from twinbench.engines.compose.project import Project
from twinbench.engines.protocol import EngineError

_PROJECT = "com.docker.compose.project"
_SERVICE = "com.docker.compose.service"
_NUMBER = "com.docker.compose.container-number"
_FOLDER = "com.docker.compose.project.working_dir"
_ONE_OFF = "com.docker.compose.oneoff"
_SIGNALLED = 128
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Container:
    """One container as it was when it was looked at.

    `status` is Docker's own word; `group` the parent of its cgroup.
    """

    id: str
    component: str
    number: int
    status: str
    pid: int
    host: str
    published: Mapping[int, int]
    group: str
    started_at: float
    finished_at: float
    exit_code: int
    restarts: int
    health: str

    @property
    def replica(self) -> str:
        return f"{self.component}-{self.number}"

    @property
    def running(self) -> bool:
        return self.status in {"running", "paused"}

    @property
    def paused(self) -> bool:
        return self.status == "paused"


def containers_of(daemon: Daemon, project: Project) -> list[Container]:
    """All of the project's, by component and number."""
    with refusals("list containers"):
        rows = daemon.api.containers(all=True, filters={"label": f"{_PROJECT}={project.name}"})
        mine = [row for row in rows if row["Labels"].get(_ONE_OFF, "False") == "False"]
        for row in mine:
            _require_ours(row["Labels"], project)
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            found = [one for one in pool.map(lambda row: look(daemon, row["Id"]), mine) if one]
    return sorted(found, key=lambda one: (one.component, one.number))


def networks_of(daemon: Daemon, project: Project) -> list[str]:
    """Names of the networks that the project has now."""
    with refusals("list networks"):
        rows = daemon.api.networks(filters={"label": f"{_PROJECT}={project.name}"})
    return [row["Name"] for row in rows]


def _require_ours(labels: Mapping[str, str], project: Project) -> None:
    folder = labels.get(_FOLDER, "")
    if folder and folder != str(project.folder):
        raise EngineError(
            f"the Compose project {project.name!r} is that of {folder}: take it down there, or "
            "give this one another name with COMPOSE_PROJECT_NAME"
        )


def look(daemon: Daemon, identity: str) -> Container | None:
    """`None` when it has gone."""
    with suppress(NotFound):
        return _container(daemon.api.inspect_container(identity))
    return None


def _container(raw: Mapping[str, Any]) -> Container:
    labels, state = raw["Config"]["Labels"], raw["State"]
    networks = raw["NetworkSettings"]["Networks"].values()
    ports = (raw["NetworkSettings"]["Ports"] or {}).items()
    return Container(
        id=raw["Id"],
        component=labels[_SERVICE],
        number=int(labels[_NUMBER]),
        status=state["Status"],
        pid=state["Pid"],
        host=next((n["IPAddress"] for n in networks if n["IPAddress"]), ""),
        published={int(p.split("/")[0]): int(at[0]["HostPort"]) for p, at in ports if at},
        group=raw["HostConfig"]["CgroupParent"],
        started_at=_instant(state["StartedAt"]),
        finished_at=_instant(state["FinishedAt"]),
        exit_code=state["ExitCode"],
        restarts=raw["RestartCount"],
        health=state.get("Health", {}).get("Status", ""),
    )


def _instant(text: str) -> float:
    """Docker tells nanoseconds, and the year 1 for never."""
    whole, _, rest = text.rstrip("Z").partition(".")
    if whole.startswith("0001-"):
        return 0.0
    return datetime.fromisoformat(f"{whole}+00:00").timestamp() + float(f"0.{rest or 0}")


def cause_of(exit_code: int) -> str:
    """As the process engine words it."""
    if exit_code > _SIGNALLED:
        with suppress(ValueError):
            return f"killed by {signal.Signals(exit_code - _SIGNALLED).name}"
    return f"exit status {exit_code}"
