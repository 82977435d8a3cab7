"""What a capability offers others, name by name: the door of `public`, or the internal API."""

import ast
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from twinbench.experiments.modularity.boundaries import MONOLITH

_METHODS: Final = frozenset({"get", "put", "post", "patch", "delete"})
_PUBLIC: Final = "/api/"
# What every component answers, and nobody's business.
_PROBES: Final = frozenset({"/healthz", "/readyz", "/version"})


def door_of(build: str, capability: str, checkout: Path) -> dict[str, str]:
    """By name, what a caller must know of it: a signature, or an operation with all its schemas.

    Empty where there is no door.
    """
    if build == MONOLITH:
        return dict(_exported(checkout / "monolith", f"shop.{capability}.public"))
    document = checkout / "microservices" / capability / "openapi.json"
    return dict(_operations(json.loads(document.read_text()))) if document.exists() else {}


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The names that came, went or mean something else."""
    return sorted(name for name in before.keys() | after if before.get(name) != after.get(name))


def _exported(root: Path, module: str) -> Iterator[tuple[str, str]]:
    """Where a name comes from is followed one step: doors only hand on."""
    file = _file_of(root, module)
    if not file.exists():
        return
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            known = _definitions(_file_of(root, node.module))
            for alias in node.names:
                yield alias.asname or alias.name, known.get(alias.name, node.module)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name, _signature(node)


def _file_of(root: Path, module: str) -> Path:
    return root / f"{module.replace('.', '/')}.py"


def _definitions(file: Path) -> dict[str, str]:
    if not file.exists():
        return {}
    return {
        node.name: _signature(node)
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def _signature(node: ast.FunctionDef | ast.ClassDef) -> str:
    if isinstance(node, ast.FunctionDef):
        returns = "" if node.returns is None else ast.unparse(node.returns)
        return f"({ast.unparse(node.args)}) -> {returns}"
    fields = [ast.unparse(one) for one in node.body if isinstance(one, ast.AnnAssign | ast.Assign)]
    methods = [
        f"{one.name}{_signature(one)}" for one in node.body if isinstance(one, ast.FunctionDef)
    ]
    return "\n".join([*map(ast.unparse, node.bases), *fields, *methods])


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document["paths"].items():
        if path.startswith(_PUBLIC) or path in _PROBES:
            continue
        for method in sorted(_METHODS & item.keys()):
            resolved = _resolved(item[method], document, ())
            yield f"{method.upper()} {path}", json.dumps(resolved, sort_keys=True)


def _resolved(node: Any, document: dict[str, Any], trail: tuple[str, ...]) -> Any:  # noqa: ANN401
    """With what it refers to in its place; without words that only people read."""
    if isinstance(node, list):
        return [_resolved(one, document, trail) for one in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if isinstance(reference, str):
        if reference in trail:
            return reference
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
        return _resolved(found, document, (*trail, reference))
    # A property may be called so; what it holds is then no text.
    worded = {"description", "summary", "title"}
    return {
        name: _resolved(one, document, trail)
        for name, one in node.items()
        if name not in worded or not isinstance(one, str)
    }
