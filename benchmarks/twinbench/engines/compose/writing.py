"""Writing the kernel's cgroup files: by ourselves, or where we may not, by a container that may.

Whoever may use Docker may mount these files into a container of root's, which needs a single
capability for that; so a budget needs no root on the host.
"""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from twinbench.engines.compose.daemon import Daemon, refusals
from twinbench.engines.protocol import EngineError

# On every machine that has built our images.
_IMAGE = "python:3.13-slim-trixie"
_CGROUPS = "/sys/fs/cgroup"
# Elsewhere than in its own place, where Docker puts the container's own.
_INSIDE = "/cgroups"


def may_write(folder: Path) -> bool:
    """Whether this user may, without a helper."""
    return os.access(folder, os.W_OK)


def write(daemon: Daemon, settings: Sequence[tuple[Path, str]]) -> None:
    """Each value to its file, in this order. Raises EngineError with what the kernel refused."""
    if all(may_write(file) for file, _ in settings):
        for file, value in settings:
            try:
                file.write_text(value)
            except OSError as error:
                raise EngineError(
                    f"the kernel refused {value!r} for {file}: {error.strerror}"
                ) from error
        return
    lines = [f"echo {shlex.quote(value)} > {shlex.quote(str(file))}" for file, value in settings]
    _run_as_root(daemon, " && ".join(lines))


def remove(daemon: Daemon, folders: Sequence[Path]) -> None:
    """Empty groups and those in them, which nothing else takes away."""
    there = [folder for folder in folders if folder.exists()]
    if all(may_write(folder.parent) for folder in there):
        for folder in there:
            for inner in sorted((f for f in folder.rglob("*") if f.is_dir()), reverse=True):
                inner.rmdir()
            folder.rmdir()
        return
    words = " ".join(shlex.quote(str(folder)) for folder in there)
    _run_as_root(daemon, f"find {words} -depth -type d -exec rmdir {{}} +")


def _run_as_root(daemon: Daemon, script: str) -> None:
    script = script.replace(_CGROUPS, _INSIDE)
    api = daemon.api
    with refusals("start a container that writes cgroup files"):
        host = api.create_host_config(
            binds=[f"{_CGROUPS}:{_INSIDE}:rw"],
            cap_drop=["ALL"],
            cap_add=["DAC_OVERRIDE"],
            network_mode="none",
        )
        made = api.create_container(_IMAGE, ["sh", "-c", script], user="0", host_config=host)
        try:
            api.start(made["Id"])
            ended = api.wait(made["Id"])
            said = api.logs(made["Id"]).decode(errors="replace")
        finally:
            api.remove_container(made["Id"], force=True)
    if ended["StatusCode"]:
        raise EngineError(f"the kernel refused to change cgroups: {' '.join(said.split())}")
