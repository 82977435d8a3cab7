"""The self-check's result: kept beside the runs, shown by itself and under every report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from twinbench.analysis.selfcheck import Check
from twinbench.report.style import TABLE_STYLE

_WORDS: Final = {True: ("holds", "green"), False: ("fails", "bold red"), None: ("open", "yellow")}
_FILE: Final = "selfcheck.json"


def keep(results: Path, document: Mapping[str, object]) -> Path:
    """Write the result beside the runs in `results`. Raises OSError."""
    path = results / _FILE
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z) + b"\n")
    return path


def kept(results: Path) -> dict[str, Any] | None:
    """What was last kept there; None if nothing, or nothing that can be read."""
    try:
        document = orjson.loads((results / _FILE).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return document if isinstance(document, dict) and "checks" in document else None


def selfcheck_note(results: Path, revision: str) -> str:
    """One line for a report of a run of this revision."""
    document = kept(results)
    if document is None:
        return "This tool's own accuracy was not checked here: run `twinbench selfcheck`."
    checks = document["checks"]
    states = {state: [c["name"] for c in checks if c["passed"] is state] for state in _WORDS}
    parts = [f"{word}: {', '.join(states[s])}" for s, (word, _) in _WORDS.items() if states[s]]
    other = "" if document.get("revision") == revision else ", of another revision"
    return f"Self-check of {document['at'][:10]}{other}: {'; '.join(parts)}."


def print_checks(console: Console, checks: Sequence[Check]) -> None:
    table = Table(title="Self-check", **TABLE_STYLE)
    for heading in ("check", "claim", "found", ""):
        table.add_column(heading)
    for check in checks:
        word, style = _WORDS[check.passed]
        table.add_row(check.name, check.claim, check.outcome, Text(word, style=style))
    console.print()
    console.print(table)
