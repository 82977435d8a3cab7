"""How much there is to write, to bring along and to keep up to date for a project to run."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twinbench.errors import TwinbenchError
from twinbench.experiments.simplicity.dependencies import locked_in
from twinbench.experiments.simplicity.disk import environment_bytes

_CODE: Final = frozenset({".py", ".js"})
_TESTS: Final = "tests"
_NODE_LOCK: Final = "package-lock.json"
_NODE_PACKAGES: Final = "node_modules"
_MADE: Final = frozenset({".venv", _NODE_PACKAGES, "__pycache__"})


@dataclass(frozen=True, slots=True)
class Footprint:
    """Of one project, without what it shares with others.

    Lines are those with anything on them. `packages` are what its locks name, for all platforms;
    `installed_bytes` is what of these is installed here, interpreters of Python left out, Node.js
    counted in, as it comes in a package.
    """

    lines: int
    test_lines: int
    packages: int
    installed_bytes: int


def require_set_up(project: Path) -> None:
    """Raises TwinbenchError for a project without what it runs with."""
    needed = [".venv", _NODE_PACKAGES] if (project / _NODE_LOCK).exists() else [".venv"]
    for name in needed:
        if not (project / name).exists():
            what = "Node.js" if (project / _NODE_LOCK).exists() else "what it runs with"
            raise TwinbenchError(
                f"{project.name} lacks {what} ({project / name} does not exist): "
                "run `make setup-polyglot`, which installs it there"
            )


def footprint_of(project: Path) -> Footprint:
    """Of a project that has been set up."""
    files = [file for file in _sources(project) if file.suffix in _CODE]
    tests = [file for file in files if _TESTS in file.relative_to(project).parts]
    names = {name for name, _ in locked_in(project)}
    folders = list(_node_folders(project / _NODE_LOCK))
    installed = sum(_folder_bytes(project / folder) for folder in folders)
    return Footprint(
        lines=_lines(set(files) - set(tests)),
        test_lines=_lines(tests),
        packages=len(names) + len(folders),
        installed_bytes=installed + (environment_bytes(project) or 0),
    )


def _sources(folder: Path) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in _MADE:
            yield from _sources(entry)
        elif entry.is_file():
            yield entry


def _lines(files: Iterable[Path]) -> int:
    return sum(bool(line.strip()) for file in files for line in file.read_text().splitlines())


def _node_folders(lock: Path) -> Iterator[str]:
    """Of all packages that are needed to run, below the project."""
    packages = json.loads(lock.read_text())["packages"] if lock.exists() else {}
    for folder, about in packages.items():
        if folder and not about.get("dev"):
            yield folder


def _folder_bytes(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
