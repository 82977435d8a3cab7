"""What containers have written: Docker keeps it, in files that are its own."""

from pathlib import Path

from twinbench.engines.compose.containers import Container
from twinbench.engines.compose.daemon import refusals
from twinbench.engines.compose.fleet import Fleet
from twinbench.engines.protocol import EngineError


def merged(fleet: Fleet, component: str, lines: int) -> str:
    """The last lines of all replicas, oldest first."""
    found = [row for one in _containers(fleet, component) for row in _stamped(fleet, one, lines)]
    return "\n".join(row.partition(" ")[2] for row in sorted(found)[-lines:])


def written(fleet: Fleet, component: str) -> tuple[Path, ...]:
    """Copies as of now, one file per replica, in the state folder."""
    folder = fleet.project.paths.compose / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for one in _containers(fleet, component):
        files.append(folder / f"{one.replica}.log")
        with refusals(f"tell the log of {one.replica}"):
            files[-1].write_bytes(fleet.daemon.api.logs(one.id))
    return tuple(files)


def _containers(fleet: Fleet, component: str) -> list[Container]:
    if component not in fleet.topology.components:
        known = ", ".join(fleet.topology.components)
        raise EngineError(f"unknown component {component!r}: choose from {known}")
    return fleet.containers([component])


def _stamped(fleet: Fleet, container: Container, lines: int) -> list[str]:
    with refusals(f"tell the log of {container.replica}"):
        said = fleet.daemon.api.logs(container.id, tail=lines, timestamps=True)
    return str(said.decode(errors="replace")).splitlines()
