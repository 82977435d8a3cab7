"""Bytes of programs: installed environments, and images where a Docker engine answers."""

from collections.abc import Container, Mapping, Sequence
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

from twinbench.engines.compose.daemon import Daemon, MissingError
from twinbench.engines.compose.project import buildable
from twinbench.experiments.simplicity.dependencies import locked_in, normalised
from twinbench.topology import Topology

_REVISION: Final = "org.opencontainers.image.revision"
# As many digits of a commit as are told where they are shortened.
_DIGITS: Final = 12


def environment_bytes(project: Path) -> int | None:
    """Of the packages in the project's lock as they were installed, without what development adds
    and what Python compiles; None where there is no environment."""
    locked = {name for name, _ in locked_in(project)}
    found = list((project / ".venv" / "lib").glob("python*/site-packages"))
    if not found:
        return None
    return sum(
        file.size or 0
        for package in distributions(path=[str(found[0])])
        if normalised(package.name) in locked
        for file in package.files or ()
    )


def images_of(topology: Topology, arm: str, revision: str) -> dict[str, int]:
    """Bytes by image; none without a Docker engine that has all of them, built of this revision.

    Layers that images share count in each.
    """
    ours = buildable(topology.folder / "docker-compose.yml", list(topology.components))
    built = {topology.components[name].image for name in ours}
    names = sorted({one.image for one in topology.of_arm(arm) if one.image is not None})
    try:
        with Daemon() as daemon:
            found = {name: daemon.api.images(name=name) for name in names}
    except MissingError:
        return {}
    return sizes_of(found, built, revision)


def sizes_of(
    found: Mapping[str, Sequence[Mapping[str, Any]]], built: Container[str | None], revision: str
) -> dict[str, int]:
    """Of what Docker tells of each image, all or none: while they are built anew some are old, and
    their sum would be that of no arm. What is not in `built` has no revision of ours."""
    for name, images in found.items():
        if not images or (name in built and not _is_of(images[0], revision)):
            return {}
    return {name: int(images[0]["Size"]) for name, images in found.items()}


def _is_of(image: Mapping[str, Any], revision: str) -> bool:
    told = str((image.get("Labels") or {}).get(_REVISION, ""))
    return len(told) >= _DIGITS and revision.startswith(told)
