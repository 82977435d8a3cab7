"""What the code of a build and the topology say of who depends on whom. Nothing is executed."""

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from twinbench.experiments.modularity.boundaries import (
    CAPABILITIES,
    MICROSERVICES,
    MONOLITH,
    edge,
)
from twinbench.experiments.modularity.doors import door_of
from twinbench.paths import CHECKOUT
from twinbench.results.modularity import EdgeRow, SurfaceRow
from twinbench.topology import Kind, Topology

_OUTBOX: Final = {MONOLITH: "shop.platform.outbox", MICROSERVICES: "kit.outbox.publish"}
_HANDLERS: Final = "shop.platform.events"
_EVENT: Final = re.compile(r"[a-z]+\.[a-z]+")
_PLACE: Final = re.compile(r"\w+://(?:[^@/]*@)?([\w-]+)")
_WORD: Final = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Imports:
    """Of all modules of a build, by their full names."""

    modules: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]


def package_of(build: str, capability: str) -> str:
    return f"shop.{capability}" if build == MONOLITH else capability


def folder_of(build: str, capability: str, checkout: Path = CHECKOUT) -> Path:
    """Of the capability's own code."""
    if build == MONOLITH:
        return checkout / "monolith" / "shop" / capability
    return checkout / "microservices" / capability / capability


def imports_of(build: str, checkout: Path = CHECKOUT) -> Imports:
    """Raises CalledProcessError for code that cannot be parsed."""
    if build == MONOLITH:
        packages, roots = ["shop"], [checkout / "monolith"]
    else:
        packages = [*CAPABILITIES, "kit"]
        roots = [checkout / "microservices" / one for one in packages]
    ours = Path(__file__).parents[3]
    path = os.pathsep.join(map(str, [*roots, ours]))
    read = subprocess.run(
        [sys.executable, "-P", "-m", "twinbench.experiments.modularity.graph", *packages],
        env={**os.environ, "PYTHONPATH": path}, stdout=subprocess.PIPE, check=True,
    ).stdout  # fmt: skip
    found = json.loads(read)
    return Imports(tuple(found["modules"]), tuple((one, other) for one, other in found["imports"]))


def import_edges(build: str, imports: Imports) -> Iterator[EdgeRow]:
    """A door that is imported is called."""
    for importer, imported in imports.pairs:
        source, target = _capability_of(build, importer), _capability_of(build, imported)
        if source is None or target is None or source == target:
            continue
        at_the_door = build == MONOLITH and imported == f"shop.{target}.public"
        kind = "public" if at_the_door else "import"
        yield edge(build, source, target, kind, f"{importer} -> {imported}")


def sql_edges(checkout: Path = CHECKOUT) -> Iterator[EdgeRow]:
    """Tables of other capabilities that SQL in the monolith's code names."""
    owners = tables(checkout)
    for capability in CAPABILITIES:
        for file in _files(MONOLITH, capability, checkout):
            words = {word for text in _strings(_parsed(file)) for word in _WORD.findall(text)}
            for table in sorted(words & owners.keys()):
                if owners[table] != capability:
                    where = f"{file.relative_to(checkout)} names {table}"
                    yield edge(MONOLITH, capability, owners[table], "query", where)


def address_edges(topology: Topology) -> Iterator[EdgeRow]:
    """Addresses of other services, or of their databases, that a service is given."""
    for component in topology.of_arm(MICROSERVICES):
        if component.kind is not Kind.APP or component.name not in CAPABILITIES:
            continue
        for variable, value in sorted(component.environment.items()):
            found = _PLACE.match(value)
            host = found[1] if found else ""
            owner = host.removesuffix("-db")
            if owner in CAPABILITIES and owner != component.name:
                kind = "address" if host == owner else "query"
                yield edge(MICROSERVICES, component.name, owner, kind, variable)


def tables(checkout: Path = CHECKOUT) -> dict[str, str]:
    """The monolith's tables, as Django names them, and whose they are."""
    return {
        f"{capability}_{node.name.lower()}": capability
        for capability in CAPABILITIES
        for node in _parsed(folder_of(MONOLITH, capability, checkout) / "models.py").body
        if isinstance(node, ast.ClassDef) and node.bases
    }


def publishers(build: str, checkout: Path = CHECKOUT) -> dict[str, str]:
    """By event type, the capability that has a module which names it and uses the outbox."""
    return _namers(build, _OUTBOX[build], checkout)


def handlers(checkout: Path = CHECKOUT) -> dict[str, str]:
    """By the name of a handler of events in the monolith, whose it is."""
    return _namers(MONOLITH, _HANDLERS, checkout, pattern=re.compile(r"[a-z]+\.[a-z-]+"))


def surfaces(build: str, imports: Imports, checkout: Path = CHECKOUT) -> Iterator[SurfaceRow]:
    """Of each capability, in order."""
    told = publishers(build, checkout)
    for capability in CAPABILITIES:
        package = package_of(build, capability)
        inside = [one for one in imports.modules if one == package or one.startswith(f"{package}.")]
        yield SurfaceRow(
            build=build,
            capability=capability,
            modules=len(inside),
            door=tuple(sorted(door_of(build, capability, checkout))),
            events=tuple(sorted(kind for kind, owner in told.items() if owner == capability)),
        )


def _capability_of(build: str, module: str) -> str | None:
    parts = module.split(".")
    name = parts[1] if build == MONOLITH and len(parts) > 1 else parts[0]
    return name if name in CAPABILITIES else None


def _namers(
    build: str, imported: str, checkout: Path, *, pattern: re.Pattern[str] = _EVENT
) -> dict[str, str]:
    return {
        text: capability
        for capability in CAPABILITIES
        for file in _files(build, capability, checkout)
        if imported in _imported_by(tree := _parsed(file))
        for text in _strings(tree)
        if pattern.fullmatch(text)
    }


def _files(build: str, capability: str, checkout: Path) -> list[Path]:
    return sorted(folder_of(build, capability, checkout).rglob("*.py"))


def _parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def _strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _imported_by(tree: ast.Module) -> set[str]:
    """Modules, and names of modules, that come from whatever is imported."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
