"""What an arm depends on, as its locks say."""

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_LOCKED: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)==([^\s;\\]+)", re.MULTILINE)
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`direct` are asked for by name, `packages` come with them. `locked` counts lines of all
    locks: what somebody must move to be up to date. `unlike` are packages that the arm has in more
    than one version at once, of which `most` is the highest number."""

    locks: int
    direct: int
    packages: int
    locked: int
    unlike: int
    most: int


def dependencies_of(projects: Iterable[Path]) -> Dependencies:
    """Of these projects together, for whatever platform. Raises OSError for one without a lock."""
    direct: set[str] = set()
    versions: defaultdict[str, set[str]] = defaultdict(set)
    locks = locked = 0
    for project in projects:
        direct |= direct_of(project)
        entries = locked_in(project)
        locks, locked = locks + 1, locked + len(entries)
        for name, version in entries:
            versions[name].add(version)
    counts = [len(own) for own in versions.values()]
    return Dependencies(
        locks=locks,
        direct=len(direct),
        packages=len(versions),
        locked=locked,
        unlike=sum(count > 1 for count in counts),
        most=max(counts, default=0),
    )


def direct_of(project: Path) -> set[str]:
    """Names of what the project itself asks for."""
    asked: list[str] = tomllib.loads((project / "pyproject.toml").read_text("utf-8"))["project"][
        "dependencies"
    ]
    return {normalised(match.group()) for one in asked if (match := _NAME.match(one))}


def locked_in(project: Path) -> list[tuple[str, str]]:
    """Name and version of every line of the lock."""
    text = (project / "requirements.lock").read_text("utf-8")
    return [(normalised(name), version) for name, version in _LOCKED.findall(text)]


def normalised(name: str) -> str:
    """As PEP 503 has it, so that one package has one name."""
    return re.sub(r"[-_.]+", "-", name).lower()
