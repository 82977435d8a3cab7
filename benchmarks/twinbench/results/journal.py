"""The journal of a run: what has been done, an entry a line, the last of which may be torn."""

import os
from pathlib import Path
from typing import Any

import orjson

from twinbench.results.schema import IncompatibleRunError


def journal_lines(folder: Path) -> list[dict[str, Any]]:
    """Every entry of a run's journal; a last one that was torn by a kill is none.

    Raises IncompatibleRunError for what is no journal of a run.
    """
    try:
        text = (folder / "journal.jsonl").read_bytes()
    except OSError as error:
        raise IncompatibleRunError(f"{folder} holds no run: {error}") from error
    whole = text[: text.rfind(b"\n") + 1]
    if not whole:
        raise IncompatibleRunError(f"{folder} was never begun: its journal is empty")
    try:
        lines = [orjson.loads(line) for line in whole.splitlines()]
    except orjson.JSONDecodeError as error:
        raise IncompatibleRunError(f"{folder}: its journal cannot be read: {error}") from error
    if not all(isinstance(line, dict) and "event" in line for line in lines):
        raise IncompatibleRunError(f"{folder}: its journal is none of ours")
    return lines


def cut_torn_line(journal: Path) -> None:
    text = journal.read_bytes()
    os.truncate(journal, text.rfind(b"\n") + 1)
