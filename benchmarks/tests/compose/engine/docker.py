"""The whole topology in a Docker engine, under a name, ports and secrets of its own."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, Final

from twinbench.paths import CHECKOUT
from twinbench.topology import variables_named_in

GATEWAYS: Final = {
    "monolith": "MONOLITH_PORT",
    "microservices": "MICROSERVICES_PORT",
    "modulith": "MODULITH_PORT",
    "groups": "GROUPS_PORT",
}
PAGES: Final = ("NOTEBOOKS_PORT", "MONOLITH_LOCUST_PORT", "MICROSERVICES_LOCUST_PORT")

# Of the project and of its images' tags: others may use the same engine.
_NAME: Final = f"twinbench-test-{os.getpid()}"


def docker(*arguments: str) -> str:
    """What the command prints; its complaint is the failure's message."""
    command = ("docker", *arguments)
    # Whoever runs the tests may have settings of his own: those of the topology do not reach them.
    mine = {n: v for n, v in os.environ.items() if n not in variables_named_in()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=mine)
    assert done.returncode == 0, f"docker {' '.join(arguments)}: {done.stderr}"
    return done.stdout


def free_ports(count: int) -> list[int]:
    with ExitStack() as held:
        sockets = [held.enter_context(socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in sockets]


@dataclass(frozen=True, slots=True)
class Stack:
    """One Compose project. `secrets` is the folder of their files."""

    project: str
    settings: Path
    secrets: Path
    ports: Mapping[str, int]
    revision: str

    @classmethod
    def prepare(cls, folder: Path) -> "Stack":
        """Makes secrets and settings as a user does, in the folder."""
        settings = folder / "settings"
        names = (*GATEWAYS.values(), *PAGES)
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        revision = head_revision()
        settings.write_text("".join(f"{name}={port}\n" for name, port in ports.items()))
        with settings.open("a") as stream:
            stream.write(f"TWINBENCH_STATE={folder}\nTWINBENCH_REVISION={revision}\n")
            stream.write(f"TWINBENCH_TAG={_NAME}\n")
        script = str(CHECKOUT / "deploy" / "prepare.sh")
        environment = {**os.environ, "TWINBENCH_STATE": str(folder)}
        command = ("sh", script, str(settings))
        subprocess.run(command, env=environment, check=True)
        return cls(_NAME, settings, folder / "secrets", ports, revision)

    def compose(self, *arguments: str, profiles: Sequence[str] = ()) -> str:
        chosen = [word for profile in profiles for word in ("--profile", profile)]
        where = ("--project-directory", str(CHECKOUT), "--env-file", str(self.settings))
        return docker("compose", "-p", self.project, *where, *chosen, *arguments)

    def up(self, *profiles: str) -> float:
        """Seconds until all that is chosen is healthy."""
        began = time.monotonic()
        self.compose("up", "--detach", "--wait", profiles=profiles)
        return time.monotonic() - began

    def down(self) -> None:
        self.compose("down", "--volumes", profiles=("*",))

    def remove_images(self) -> None:
        reference = f"reference=twinbench/*:{self.project}"
        tags = docker("images", "--filter", reference, "--format", "{{.Repository}}:{{.Tag}}")
        docker("image", "rm", *tags.split())

    def containers(self) -> dict[str, dict[str, Any]]:
        """By service: what the engine tells of each container, jobs that have ended included."""
        found = docker("ps", "--all", "--quiet", "--filter", self.label).split()
        inspected = json.loads(docker("inspect", *found)) if found else []
        return {one["Config"]["Labels"]["com.docker.compose.service"]: one for one in inspected}

    def left(self) -> list[str]:
        """Names of containers, volumes and networks of this project."""
        kinds = (("ps", "--all"), ("volume", "ls"), ("network", "ls"))
        return [n for k in kinds for n in docker(*k, "--quiet", "--filter", self.label).split()]

    @property
    def label(self) -> str:
        return f"label=com.docker.compose.project={self.project}"


def head_revision() -> str:
    command = ["git", "-C", str(CHECKOUT), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
