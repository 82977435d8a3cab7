"""Smaller copies of runs, to be kept or passed on: trials whole, requests by chance."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from twinbench.errors import TwinbenchError
from twinbench.results.document import write_document
from twinbench.results.journal import journal_lines
from twinbench.results.store import Run, digests, requests_path_in

# A search is made again from its requests: with fewer of them it could end elsewhere.
_NEEDS_ALL: Final = frozenset({"capacity"})


def thin(run: Run, into: Path, *, share: float) -> Path:
    """A copy of a finished run with this share (0..1] of each trial's journeys, drawn by chance.

    All other tables are kept as they are. run.json tells the share and what the run was made from,
    and where the command named a folder only that folder's name is left. Raises TwinbenchError for
    a share that cannot be, a capacity search, a run that is thinned already, or a copy that exists.
    """
    _require_possible(run, into, share)
    folder = into / run.folder.name
    (folder / "requests").mkdir(parents=True)
    for name, table in run.tables.items():
        _write(table, folder / f"{name}.parquet")
    for trial in run.trials["trial"].to_pylist() if "trials" in run.tables else ():
        kept = _kept(run.requests([trial]), trial, share)
        _write(kept, requests_path_in(folder, trial))
    source = {"share": share, "of": "journeys of each trial", "files": digests(run.folder)}
    document = run.document | {"command": _nameless(run.document["command"])}
    write_document(folder, document if share == 1 else document | {"thinned": source})
    _write_journal(run.folder, folder)
    return folder


def _require_possible(run: Run, into: Path, share: float) -> None:
    if not 0 < share <= 1:
        raise TwinbenchError(f"a share lies above 0 and up to 1: {share:g} does not")
    if "thinned" in run.document:
        raise TwinbenchError(f"{run.folder.name} is thinned already: take the whole run")
    if share < 1 and run.document["experiment"] in _NEEDS_ALL:
        raise TwinbenchError("a capacity search rests on all of its requests: keep it whole")
    if (into / run.folder.name).exists():
        raise TwinbenchError(f"{into / run.folder.name} exists already")


def _kept(requests: pa.Table, trial: int, share: float) -> pa.Table:
    if share == 1:
        return requests
    journeys = requests["journey_id"].unique().to_numpy()
    random = np.random.default_rng(trial)
    chosen = random.choice(journeys, size=max(1, round(share * len(journeys))), replace=False)
    inside = np.isin(requests["journey_id"].to_numpy(), chosen)
    return requests.filter(pa.array(inside))


def _write(table: pa.Table, path: Path) -> None:
    """As small as it gets: times rise, so that their differences take less room."""
    rising = [
        field.name
        for field in table.schema
        if pa.types.is_int64(field.type) or pa.types.is_int32(field.type)
    ]
    labels = [field.name for field in table.schema if pa.types.is_dictionary(field.type)]
    pq.write_table(
        table, path, compression="zstd", compression_level=19, use_dictionary=labels,
        column_encoding=dict.fromkeys(rising, "DELTA_BINARY_PACKED"),
    )  # fmt: skip


def _nameless(command: list[str]) -> list[str]:
    """Without the folders of the machine that it ran on."""
    return [Path(part).name if part.startswith("/") else part for part in command]


def _write_journal(source: Path, folder: Path) -> None:
    lines: list[Mapping[str, Any]] = [
        line for line in journal_lines(source) if line["event"] != "finished"
    ]
    lines.append({"at": datetime.now(UTC), "event": "finished", "files": digests(folder)})
    text = b"".join(orjson.dumps(line, option=orjson.OPT_UTC_Z) + b"\n" for line in lines)
    (folder / "journal.jsonl").write_bytes(text)
