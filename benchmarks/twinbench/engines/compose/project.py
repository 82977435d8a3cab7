"""The Compose project of one state folder: its name, its files, and the commands on it."""

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from twinbench.engines.compose.daemon import compose_command
from twinbench.engines.compose.subnets import shares
from twinbench.engines.protocol import EngineError
from twinbench.engines.state import write_json
from twinbench.paths import CHECKOUT, StatePaths, state_folder
from twinbench.topology import substituted

# Whom containers run as when we are root, who should own no process of theirs.
_ORDINARY = (999, 999)
_TOLD_LINES = 6


@dataclass(frozen=True, slots=True)
class Project:
    """`override` holds what only the engine says: cgroups, replaced settings, upstreams."""

    name: str
    file: Path
    paths: StatePaths
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.file.resolve().parent

    @property
    def override(self) -> Path:
        return self.paths.compose / "override.json"

    def write_override(self, services: Mapping[str, Mapping[str, Any]], block: str) -> None:
        """`block`: the addresses that the project's networks share."""
        names = document(self.file).get("networks", {"default": None})
        networks = {
            name: {"ipam": {"config": [{"subnet": subnet}]}}
            for name, subnet in shares(block, list(names)).items()
        }
        write_json(self.override, {"services": services, "networks": networks})

    def run(self, *arguments: str) -> str:
        """Runs `docker compose ARGUMENTS` to its end. Raises EngineError with what it said."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            start_new_session=True,  # Ctrl-C is ours to handle
        )
        if done.returncode != 0:
            said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
            told = "\n".join(f"    {line}" for line in said[-_TOLD_LINES:])
            raise EngineError(f"`docker compose {arguments[0]}` failed:\n{told}")
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        files = ["--file", str(self.file)]
        if self.override.exists():
            files += ["--file", str(self.override)]
        options = ["--project-name", self.name, "--project-directory", str(self.folder)]
        return [*compose_command(), "--profile", "*", *options, *files, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        uid, gid = owner()
        return {
            **os.environ,
            **self.variables,
            "TWINBENCH_STATE": str(self.paths.root.absolute()),
            "TWINBENCH_UID": str(uid),
            "TWINBENCH_GID": str(gid),
            "COMPOSE_IGNORE_ORPHANS": "1",
        }


@cache
def document(file: Path) -> Mapping[str, Any]:
    """The topology's text as YAML, with nothing substituted."""
    return dict(yaml.safe_load(file.read_text()))


def owner() -> tuple[int, int]:
    """Whom containers run as, and whose the secrets' files are: us, unless we are root."""
    return (os.getuid(), os.getgid()) if os.getuid() else _ORDINARY


def give_secrets(folder: Path) -> None:
    """Containers read them as the files' owner, whom nobody but root can change."""
    if os.getuid() == 0:
        for file in folder.iterdir():
            os.chown(file, *owner())


def project_name(paths: StatePaths, topology_file: Path) -> str:
    """COMPOSE_PROJECT_NAME, else the topology's; a state folder elsewhere has its own."""
    root = paths.root.resolve()
    given = os.environ.get("COMPOSE_PROJECT_NAME")
    if given and root == state_folder().resolve():
        return given
    named = document(topology_file).get("name")
    if named and root == (CHECKOUT / ".twinbench").resolve():
        return str(named)
    return f"twinbench-{paths.identity}"


def words_of(name: str) -> str:
    """A name as part of a systemd unit's, in which dashes separate levels."""
    return re.sub(r"\W", "_", name)


@dataclass(frozen=True, slots=True)
class Release:
    """An image of a component's code in another folder than the checkout, and who builds it."""

    builder: str
    image: str
    context: Path


def release_of(topology_file: Path, name: str, sources: Mapping[str, str]) -> Release:
    """Of a component whose code is in its folder of `sources`. Raises EngineError."""
    services, source = document(topology_file)["services"], sources[name]
    for builder, raw in services.items():
        if "build" in raw and _image(raw) == _image(services[name]):
            digest = hashlib.sha256(source.encode()).hexdigest()[:12]
            context = Path(source) / raw["build"]["context"]
            return Release(builder, f"twinbench-release/{builder}:{digest}", context)
    raise EngineError(f"{name} has no image that could be built from {source}")


def _image(raw: Mapping[str, Any]) -> str | None:
    """As it is called now: two that are written differently may be the same."""
    name: str | None = substituted(raw.get("image"), os.environ)
    return name


def buildable(topology_file: Path, names: Sequence[str]) -> list[str]:
    """Those services that have a `build` of their own."""
    services = document(topology_file)["services"]
    return [name for name in names if "build" in services[name]]
