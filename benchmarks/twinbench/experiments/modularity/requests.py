"""Change requests: what was asked of both builds, and the patch for each that does it."""

import os
import shutil
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from twinbench.errors import TwinbenchError
from twinbench.experiments.modularity.boundaries import BUILDS
from twinbench.paths import CHECKOUT

CHANGES: Final = Path(__file__).with_name("changes")
TESTS: Final = "*/tests/*"
"""What of a patch can be applied alone, to see that it fails without the rest."""

_LEFT_OUT: Final = (
    ".git", ".venv", ".tools", ".twinbench*", "__pycache__", ".*_cache", "*.egg-info",
    "node_modules",
)  # fmt: skip
_RESULTS: Final = "results"


class ChangeError(TwinbenchError):
    """A change request cannot be read, or its patch does not fit the code as it is now."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a request means for one build.

    `capabilities` are those that it is about; `test` are arguments for pytest, in the folder
    `project`, that fail before and pass after. `releases` must follow each other in this order.
    """

    build: str
    capabilities: tuple[str, ...]
    project: str
    test: tuple[str, ...]
    releases: tuple[str, ...]
    patch: Path


@dataclass(frozen=True, slots=True)
class Request:
    """`name` is that of its folder."""

    name: str
    title: str
    story: str
    changes: Mapping[str, Change]


def requests_in(folder: Path = CHANGES) -> list[Request]:
    """In the order of their names. Raises ChangeError."""
    return [read_request(file.parent) for file in sorted(folder.glob("*/request.toml"))]


def read_request(folder: Path) -> Request:
    file = folder / "request.toml"
    try:
        raw = tomllib.loads(file.read_text())
        changes = {build: _change(build, raw[build], folder) for build in BUILDS}
        return Request(folder.name, raw["title"], raw["story"], changes)
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ChangeError(f"{file} is no change request: {error}") from error


def _change(build: str, raw: Mapping[str, Any], folder: Path) -> Change:
    return Change(
        build=build,
        capabilities=tuple(raw["capabilities"]),
        project=raw["project"],
        test=_words(raw["test"]),
        releases=tuple(raw.get("releases", ())),
        patch=folder / f"{build}.patch",
    )


def _words(raw: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(raw.split()) if isinstance(raw, str) else tuple(raw)


def require_fitting(patch: Path, folder: Path = CHECKOUT) -> None:
    """Raises ChangeError, which names the patch and the first file that it does not fit."""
    _apply(patch, folder, "--check")


@dataclass(frozen=True, slots=True)
class Scratch:
    """A copy of the checkout that patches may change; programs are the checkout's own."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, checkout: Path = CHECKOUT) -> "Scratch":
        patterns = shutil.ignore_patterns(*_LEFT_OUT)

        def left_out(place: str, names: list[str]) -> set[str]:
            measured = {_RESULTS} if Path(place) == checkout else set[str]()
            return patterns(place, names) | measured

        shutil.copytree(checkout, folder, ignore=left_out)
        for environment in [*checkout.glob("*/.venv"), *checkout.glob("*/*/.venv")]:
            copy = folder / environment.relative_to(checkout)
            if copy.parent.exists():
                copy.symlink_to(environment)
        return cls(folder)

    def apply(self, patch: Path) -> None:
        """Raises ChangeError."""
        _apply(patch, self.folder)

    def apply_tests(self, patch: Path) -> None:
        _apply(patch, self.folder, f"--include={TESTS}")

    def apply_rest(self, patch: Path) -> None:
        """All but the tests."""
        _apply(patch, self.folder, f"--exclude={TESTS}")

    def take_back(self, patch: Path) -> None:
        _apply(patch, self.folder, "--reverse")


def line_counts(patch: Path) -> dict[str, int]:
    """By file, how many lines a patch adds and removes together."""
    told = _git(patch, patch.parent, "--numstat")
    found = (line.split("\t") for line in told.splitlines())
    return {name: int(added) + int(removed) for added, removed, name in found}


def _apply(patch: Path, folder: Path, *options: str) -> None:
    _git(patch, folder, *options)


def _git(patch: Path, folder: Path, *options: str) -> str:
    # So that git takes the folder for no part of a repository that it lies in.
    outside = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.resolve().parent)}
    done = subprocess.run(
        ["git", "apply", *options, str(patch)],  # noqa: S607 - as for the revision
        cwd=folder, env=outside, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        name = f"{patch.parent.name}/{patch.name}"
        raise ChangeError(f"{name} does not fit the code: {_first_line(done.stderr)}")
    return done.stdout


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or ["git does not say why"])[0]
