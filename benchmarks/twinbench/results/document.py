"""run.json: what a run was asked to do, and where it comes from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from twinbench.results.columns import SCHEMA_VERSION
from twinbench.results.schema import TABLES, IncompatibleRunError

_NEEDED: Final = frozenset({"experiment", "configuration", "tables", "started_at"})


def write_document(folder: Path, document: Mapping[str, object]) -> None:
    """As run.json, at once: whoever is killed leaves the old one or the new one."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z
    draft = folder / ".run.json"
    draft.write_bytes(orjson.dumps(document, option=options) + b"\n")
    draft.replace(folder / "run.json")


def read_document(folder: Path) -> dict[str, Any]:
    """Raises IncompatibleRunError for what this version of Twinbench did not write."""
    try:
        document = orjson.loads((folder / "run.json").read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise IncompatibleRunError(f"{folder} holds no run: {error}") from error
    if not isinstance(document, dict):
        raise IncompatibleRunError(f"{folder} holds no run: its run.json is none of ours")
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise IncompatibleRunError(
            f"{folder} has schema version {version}, this Twinbench reads {SCHEMA_VERSION}"
        )
    if missing := sorted(_NEEDED - document.keys()):
        raise IncompatibleRunError(f"{folder} holds no run: run.json lacks {', '.join(missing)}")
    if unknown := sorted(set(document["tables"]) - TABLES.keys()):
        raise IncompatibleRunError(f"{folder} has tables that are unknown: {', '.join(unknown)}")
    return document


def engine_of(folder: Path) -> str:
    """Which engine a run was begun with. Raises IncompatibleRunError."""
    return str(read_document(folder)["engine"])
