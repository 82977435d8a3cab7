"""Whether the rules of a build are held by a test: each is broken on purpose, one at a time.

What is planted are imports. What no import shows (a query over another's table, an undeclared
call) is not for the builds' own checks; the workbench's tests of itself plant those.
"""

import json
import os
import subprocess
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twinbench.errors import TwinbenchError
from twinbench.experiments.modularity.boundaries import (
    BUILDS,
    CAPABILITIES,
    MONOLITH,
    may_ask,
)
from twinbench.experiments.modularity.reading import package_of
from twinbench.paths import CHECKOUT
from twinbench.results.modularity import RuleRow

_PLANTING: Final = Path(__file__).with_name("planting.py")
_FRAMEWORK: Final = {"monolith": "django", "microservices": "sqlalchemy"}
_AT_ONCE: Final = 2


class LintError(TwinbenchError):
    """A project's boundaries cannot be checked, or do not hold as its code is."""


@dataclass(frozen=True, slots=True)
class Plant:
    """An import that is forbidden: it breaks `rule` of `capability`."""

    capability: str
    rule: str
    importer: str
    imported: str


def rule_rows(checkout: Path = CHECKOUT) -> list[RuleRow]:
    """Of both builds. Raises LintError."""
    work = [
        (build, project, own)
        for build in BUILDS
        for project, own in plants_by_project(build).items()
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda one: noticed(checkout / one[1], one[2]), work))
    return [
        row
        for (build, _, own), outcome in zip(work, outcomes, strict=True)
        for row in _rows(build, own, outcome)
    ]


def plants_by_project(build: str) -> dict[str, list[Plant]]:
    """By the folder of the project whose check is to notice them."""
    if build == MONOLITH:
        return {"monolith": [plant for one in CAPABILITIES for plant in _plants(build, one)]}
    return {f"microservices/{one}": list(_plants(build, one)) for one in CAPABILITIES}


def noticed(project: Path, plants: list[Plant]) -> list[bool | None]:
    """Of each, whether the project's check fails; None where its code has no such importer.

    Raises LintError.
    """
    roots = import_roots(project)
    programs = project / ".venv" / "bin"
    if not (programs / "lint-imports").exists():
        raise LintError(f"{project.name} has no environment for its checks: run `make setup-dev`")
    done = subprocess.run(
        [str(programs / "python"), "-P", str(_PLANTING)],
        cwd=project,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(roots)},
        input=json.dumps({"plants": [(one.importer, one.imported) for one in plants]}),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise LintError(f"cannot check the boundaries of {project.name}: {_last_line(done.stderr)}")
    found: list[bool | None] = json.loads(done.stdout)["noticed"]
    return found


def import_roots(project: Path) -> list[str]:
    """Where the project's tests look for what they import."""
    settings = tomllib.loads((project / "pyproject.toml").read_text())["tool"]["pytest"]
    roots: list[str] = settings["ini_options"].get("pythonpath", ["."])
    return [str((project / root).resolve()) for root in roots]


def _plants(build: str, capability: str) -> Iterator[Plant]:
    own = package_of(build, capability)
    for other in CAPABILITIES:
        if other == capability:
            continue
        stranger = package_of(build, other)
        if build == MONOLITH:
            yield Plant(capability, "door", f"{stranger}.services", f"{own}.models")
        else:
            yield Plant(capability, "door", f"{own}.services", stranger)
    if build == MONOLITH:
        for asker, asked in sorted(may_ask(build)):
            if asked == capability:
                door = f"{package_of(build, asker)}.public"
                yield Plant(capability, "direction", f"{own}.services", door)
    yield Plant(capability, "layers", f"{own}.models", f"{own}.services")
    yield Plant(capability, "domain", f"{own}.domain", _FRAMEWORK[build])


def _rows(build: str, plants: list[Plant], outcome: list[bool | None]) -> Iterator[RuleRow]:
    by_rule: dict[tuple[str, str], list[bool]] = {}
    for plant, found in zip(plants, outcome, strict=True):
        if found is not None:
            by_rule.setdefault((plant.capability, plant.rule), []).append(found)
    for (capability, rule), own in by_rule.items():
        yield RuleRow(build, capability, rule, planted=len(own), noticed=sum(own))


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1]
