"""Writing a run folder, trial by trial, and reading it back.

While a run goes on, its rows lie in `parts/`, one file per trial, and `journal.jsonl` says what is
done. Finishing joins the parts, notes a digest of every file in the journal and takes away write
permission; from then on the folder does not change.
"""

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from twinbench.results.rows import AnyRow, Provenance
from twinbench.results.schema import (
    REQUESTS,
    SCHEMA_VERSION,
    TABLES,
    IncompatibleRunError,
    require_schema,
)


class RunWriter:
    """A run under way. Every trial is on disk when `add_trial` returns."""

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder = folder
        self._tables = tuple(tables)

    @classmethod
    def create(cls, root: Path, provenance: Provenance, *, tables: Sequence[str]) -> Self:
        """A new folder under `root`, named after experiment and start. Raises OSError.

        `tables` are those of TABLES that the experiment fills.
        """
        name = f"{provenance.started_at:%Y%m%dT%H%M%SZ}-{provenance.experiment}"
        folder = _unused(root, name)
        (folder / "requests").mkdir(parents=True)
        for table in tables:
            (folder / "parts" / table).mkdir(parents=True)
        identity = {"schema_version": SCHEMA_VERSION, "run": folder.name, "tables": list(tables)}
        document = identity | asdict(provenance)
        options = orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z
        (folder / "run.json").write_bytes(orjson.dumps(document, option=options) + b"\n")
        writer = cls(folder, tables)
        writer.note("started")
        return writer

    def requests_path(self, trial: int) -> Path:
        """Where the generator puts the requests of a trial."""
        return self.folder / "requests" / f"trial-{trial:04}.parquet"

    def add_trial(
        self, number: int, rows: Mapping[str, Sequence[AnyRow]], **details: object
    ) -> None:
        """Rows of one trial, by table; `details` go into the journal."""
        for table, own in rows.items():
            part = self.folder / "parts" / table / f"{number:04}.parquet"
            pq.write_table(table_of([asdict(row) for row in own], TABLES[table]), part)
        self.note("trial", trial=number, **details)

    def note(self, event: str, **details: object) -> None:
        """Append a line to the journal, on disk when this returns."""
        line = {"at": datetime.now(UTC), "event": event, **details}
        with (self.folder / "journal.jsonl").open("ab") as journal:
            journal.write(orjson.dumps(line, option=orjson.OPT_UTC_Z) + b"\n")
            journal.flush()
            os.fsync(journal.fileno())

    def finish(self) -> None:
        """Join the parts and seal the folder."""
        for table in self._tables:
            schema = TABLES[table]
            parts = sorted((self.folder / "parts" / table).glob("*.parquet"))
            joined = [pq.read_table(part, schema=schema) for part in parts]
            whole = pa.concat_tables(joined) if joined else schema.empty_table()
            pq.write_table(whole.combine_chunks(), self.folder / f"{table}.parquet")
        shutil.rmtree(self.folder / "parts")
        self.note("finished", files=_digests(self.folder))
        for path in self.folder.rglob("*"):
            if path.is_file():
                path.chmod(0o444)


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run folder, checked on opening."""

    folder: Path
    document: dict[str, Any]
    tables: Mapping[str, pa.Table]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises IncompatibleRunError for what is no finished, unchanged run of this version."""
        document = _read_document(folder)
        sealed = _finished_line(folder)["files"]
        if changed := sorted(set(sealed.items()) ^ set(_digests(folder).items())):
            raise IncompatibleRunError(f"{folder / changed[0][0]} has changed since the run ended")
        tables = {}
        for name in document["tables"]:
            table = pq.read_table(folder / f"{name}.parquet")
            require_schema(table.schema, TABLES[name], str(folder / f"{name}.parquet"))
            tables[name] = table
        return cls(folder, document, tables)

    @property
    def trials(self) -> pa.Table:
        return self.tables["trials"]

    @property
    def resources(self) -> pa.Table:
        return self.tables["resources"]

    def requests(self, trials: Iterable[int]) -> pa.Table:
        """The requests of these trials, in the REQUESTS schema."""
        tables = [REQUESTS.empty_table()]
        for trial in trials:
            path = self.folder / "requests" / f"trial-{trial:04}.parquet"
            table = pq.read_table(path)
            require_schema(table.schema, REQUESTS, str(path))
            tables.append(table)
        return pa.concat_tables(tables).unify_dictionaries()


def table_of(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table of exactly this schema. Raises ArrowInvalid where they do not fit."""
    arrays = [pa.array([row[field.name] for row in rows]).cast(field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _unused(root: Path, name: str) -> Path:
    folder, number = root / name, 1
    while folder.exists():
        number += 1
        folder = root / f"{name}-{number}"
    return folder


def _read_document(folder: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = orjson.loads((folder / "run.json").read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise IncompatibleRunError(f"{folder} holds no run: {error}") from error
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise IncompatibleRunError(
            f"{folder} has schema version {version}, this Twinbench reads {SCHEMA_VERSION}"
        )
    return document


def _finished_line(folder: Path) -> dict[str, Any]:
    lines = (folder / "journal.jsonl").read_bytes().splitlines()
    last: dict[str, Any] = orjson.loads(lines[-1])
    if last["event"] != "finished":
        raise IncompatibleRunError(f"{folder} is not finished: its last entry is {last['event']}")
    return last


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (path.suffix == ".parquet" or path.name == "run.json")
    }
