"""How far a patch reaches: read from the files that it touches, and from the code before and after.

Nothing is run here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twinbench.experiments.modularity.boundaries import CAPABILITIES
from twinbench.experiments.modularity.doors import changed, door_of
from twinbench.experiments.modularity.reading import publishers
from twinbench.experiments.modularity.requests import Request, Scratch, line_counts
from twinbench.experiments.modularity.rules import import_roots
from twinbench.results.modularity import ChangeRow
from twinbench.topology import Component, Kind, Topology
from twinbench.topology import load as load_topology

SHARED: Final = "platform"
"""What all capabilities of a build stand on: the platform, or the kit."""
_TEST_FOLDERS: Final = frozenset({"tests", "kit_testing"})
_WORKBENCH: Final = "benchmarks/"
_THIRD_ARM: Final = "microservices/modulith/"
_PUBLIC: Final = "contract/openapi.yaml"
_TOPOLOGY: Final = "docker-compose.yml"


@dataclass(frozen=True, slots=True)
class Before:
    """The code that patches are measured against."""

    topology: Topology
    doors: dict[str, dict[str, dict[str, str]]]
    events: dict[str, dict[str, str]]

    @classmethod
    def of(cls, folder: Path, builds: Iterable[str]) -> "Before":
        known = list(builds)
        return cls(
            topology=load_topology(folder / _TOPOLOGY),
            doors={build: _doors(build, folder) for build in known},
            events={build: publishers(build, folder) for build in known},
        )


def measured(request: Request, build: str, scratch: Scratch, before: Before) -> ChangeRow:
    """With the request's patch applied to the scratch and taken back again. Raises ChangeError."""
    change = request.changes[build]
    lines = line_counts(change.patch)
    scratch.apply(change.patch)
    try:
        contracts = tuple(_contracts(build, lines, scratch.folder, before))
        concerned = _concerned(build, lines, before.topology, scratch.folder)
        suites = tuple(suites_for(build, lines, scratch.folder))
    finally:
        scratch.take_back(change.patch)
    return ChangeRow(
        request=request.name,
        title=request.title,
        build=build,
        files=sum(kind_of(file) != "other" for file in lines),
        code_lines=_lines(lines, "code"),
        test_lines=_lines(lines, "test"),
        contract_lines=_lines(lines, "contract"),
        other_lines=_lines(lines, "other"),
        meant=change.capabilities,
        capabilities=tuple(_capabilities(lines)),
        artefacts=tuple(dict.fromkeys(one.project or one.name for one in concerned)),
        components=tuple(one.name for one in concerned if one.kind is not Kind.JOB),
        contracts=contracts,
        releases=change.releases,
        suites=suites,
    )


def _lines(counted: Mapping[str, int], kind: str) -> int:
    return sum(lines for file, lines in counted.items() if kind_of(file) == kind)


def kind_of(file: str) -> str:
    """test, contract (what is agreed on, written down), code, or other: documents, the workbench
    and the third arm, which are no part of either build. The third arm's tests are where services
    are tested together."""
    if file.startswith(_WORKBENCH) or file.endswith(".md"):
        return "other"
    if _TEST_FOLDERS.intersection(file.split("/")[:-1]):
        return "test"
    if file.startswith(_THIRD_ARM):
        return "other"
    if file.startswith("contract/") or file.endswith("/openapi.json"):
        return "contract"
    return "code"


def suites_for(build: str, files: Iterable[str], folder: Path) -> Iterator[str]:
    """The build's projects whose tests may come out otherwise: they import what has changed."""
    touched = [(folder / file).resolve() for file in files]
    for project in projects(build, folder):
        roots = [folder / project, *map(Path, import_roots(folder / project))]
        if any(file.is_relative_to(root.resolve()) for file in touched for root in roots):
            yield project


def projects(build: str, folder: Path) -> list[str]:
    """Those with tests of their own, as paths from the checkout's root."""
    found = [folder / build, *sorted((folder / build).iterdir())]
    return [str(one.relative_to(folder)) for one in found if (one / "pyproject.toml").exists()]


def _capabilities(files: Iterable[str]) -> list[str]:
    owners = {_owner(file) for file in files if kind_of(file) == "code"}
    return sorted(owner for owner in owners if owner)


def _owner(file: str) -> str | None:
    """Whose code it is; None for what belongs to nobody, such as settings of the whole."""
    match file.split("/"):
        case ["monolith", "shop", "platform", *_] | ["microservices", "kit", *_]:
            return SHARED
        case ["monolith", "shop", name, *_] | ["microservices", name, *_] if name in CAPABILITIES:
            return name
    return None


def _contracts(build: str, files: Iterable[str], folder: Path, before: Before) -> Iterator[str]:
    """What customers or other capabilities were told, and is told otherwise now."""
    if _PUBLIC in files:
        yield "public API"
    for capability, door in _doors(build, folder).items():
        for name in changed(before.doors[build][capability], door):
            yield f"{capability}: {name}"
    for kind in changed(before.events[build], publishers(build, folder)):
        yield f"event {kind}"


def _doors(build: str, folder: Path) -> dict[str, dict[str, str]]:
    return {one: door_of(build, one, folder) for one in CAPABILITIES}


def _concerned(build: str, files: Iterable[str], before: Topology, folder: Path) -> list[Component]:
    """What of the arm must be built or started anew: its code, its mounts or its settings differ.

    Tests and documents are not deployed.
    """
    after = load_topology(folder / _TOPOLOGY)
    shipped = [file for file in files if kind_of(file) == "code"]
    return [
        one
        for one in after.of_arm(build)
        if one.kind in {Kind.APP, Kind.JOB, Kind.GATEWAY}
        and (before.components.get(one.name) != one or _holds_any(one, shipped))
    ]


def _holds_any(component: Component, files: Iterable[str]) -> bool:
    mounts = [mount.source.removeprefix("./") for mount in component.mounts if not mount.is_volume]
    roots = [component.project, *component.pythonpath, *mounts]
    return any(
        file.startswith(f"{root}/") or file == root for root in roots if root for file in files
    )
