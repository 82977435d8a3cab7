"""Bytes of programs: installed environments, and images where a Docker engine answers."""

from collections.abc import Iterable
from importlib.metadata import distributions
from pathlib import Path

from twinbench.engines.compose.daemon import Daemon, MissingError
from twinbench.experiments.simplicity.dependencies import locked_in, normalised
from twinbench.topology import Component


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


def images_of(components: Iterable[Component]) -> dict[str, int]:
    """Bytes by image, of those that were built or pulled here; none without a Docker engine.

    Layers that images share count in each.
    """
    names = sorted({one.image for one in components if one.image is not None})
    try:
        with Daemon() as daemon:
            found = {name: daemon.api.images(name=name) for name in names}
    except MissingError:
        return {}
    return {name: int(images[0]["Size"]) for name, images in found.items() if images}
