"""Next versions of both builds: patches, applied to a copy of the code and never to the checkout.

There is a patch for each build (`monolith`, `microservices`) and kind of change. Each adds to what
a product's page tells, and raises the version.
"""

import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from twinbench.errors import TwinbenchError
from twinbench.paths import CHECKOUT
from twinbench.topology import Component, Kind, Topology

Flavour = Literal["code", "schema", "broken"]

PATCHES: Final = Path(__file__).with_name("patches")
MARKS: Final[dict[Flavour, str]] = {"code": "in_stock", "schema": "sku", "broken": "in_stock"}
"""The field by which an answer of the next version is known."""
CONTRACT: Final = "contract"
"""What follows a change of the schema when no old code runs any more; on top of `schema`."""

LEFT_OUT: Final = (".venv", "node_modules", "__pycache__", ".*_cache", "tests", "*.egg-info")


class PatchError(TwinbenchError):
    """A patch does not fit the code as it is now."""


@dataclass(frozen=True, slots=True)
class Target:
    """What of an arm a patch concerns: those that serve requests first, and its migrations.

    `artefacts` are the folders whose images would be built anew.
    """

    build: str
    serving: tuple[str, ...]
    others: tuple[str, ...]
    job: str
    artefacts: tuple[tuple[str, ...], ...]

    @property
    def components(self) -> tuple[str, ...]:
        return (*self.serving, *self.others)


def build_of(arm: str) -> str:
    """The folder that the arm's code is in: the modulith is made of the services'."""
    return "monolith" if arm == "monolith" else "microservices"


def patch_of(build: str, kind: str) -> Path:
    return PATCHES / f"{build}-{kind}.patch"


def touched(patch: Path) -> frozenset[str]:
    """The files that a patch changes or makes."""
    lines = patch.read_text().splitlines()
    return frozenset(line[6:] for line in lines if line.startswith("+++ b/"))


def target_of(topology: Topology, arm: str, flavour: Flavour) -> Target:
    """By the folders that components run from."""
    build = build_of(arm)
    files = touched(patch_of(build, flavour))
    mine = [one for one in topology.of_arm(arm) if _is_concerned(one, files)]
    apps = [one for one in mine if one.kind is Kind.APP]
    return Target(
        build=build,
        serving=tuple(one.name for one in apps if one.listen is not None),
        others=tuple(one.name for one in apps if one.listen is None),
        job=next(one.name for one in mine if one.kind is Kind.JOB),
        artefacts=tuple(dict.fromkeys(_folders(one) for one in apps)),
    )


def _is_concerned(component: Component, files: frozenset[str]) -> bool:
    roots = [folder for folder in _folders(component) if folder]
    return any(file.startswith(f"{root}/") for root in roots for file in files)


def _folders(component: Component) -> tuple[str, ...]:
    return (component.project or "", *component.pythonpath)


def make_release(
    folder: Path,
    build: str,
    patches: Sequence[Path],
    *,
    checkout: Path = CHECKOUT,
    left_out: Sequence[str] = LEFT_OUT,
) -> Path:
    """A copy of the build's code in `folder`, with the patches applied; returns the folder.

    Programs and libraries are the checkout's own; files whose names `left_out` fits stay behind.
    Raises PatchError.
    """
    shutil.rmtree(folder, ignore_errors=True)
    source, copy = checkout / build, folder / build
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns(*left_out))
    for environment in [source / ".venv", *source.glob("*/.venv")]:
        if environment.exists():
            (copy / environment.relative_to(source)).symlink_to(environment)
    for patch in patches:
        # So that git takes the folder for no part of a repository that it lies in.
        outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent)}
        done = subprocess.run(
            ["git", "apply", str(patch)],  # noqa: S607 - as for the revision
            cwd=folder, env=outside, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise PatchError(f"{patch.name} does not fit the code: {done.stderr.strip()}")
    return folder


def compiled(folder: Path, artefacts: Sequence[Sequence[str]]) -> None:
    """As a build would leave it, so that no start has to compile."""
    for project, *roots in artefacts:
        python = folder / project / ".venv" / "bin" / "python"
        parts = [str(folder / part) for part in (project, *roots)]
        command = [str(python), "-m", "compileall", "-q", "-x", r"\.venv", *parts]
        subprocess.run(command, check=True, capture_output=True)


def packed_bytes(folder: Path, artefact: Sequence[str]) -> int:
    """Size of the artefact's own code, packed: what a build must make and ship anew at least."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for part in artefact:
            for file in _files(folder / part):
                archive.add(file, str(file.relative_to(folder)), recursive=False)
    return len(buffer.getvalue())


def _files(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.name in {".venv", "__pycache__"}:
            continue
        if entry.is_dir():
            yield from _files(entry)
        else:
            yield entry
