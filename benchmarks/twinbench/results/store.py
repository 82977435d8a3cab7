"""Writing a run folder, trial by trial, and reading it back.

While a run goes on, its rows lie in `parts/`, one file per trial, and `journal.jsonl` says what is
done: a trial without its line there has not taken place. So a run that was killed goes on where the
journal ends. Finishing joins the parts, notes a digest of every file in the journal and takes away
write permission; from then on the folder does not change.
"""

import fcntl
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

from twinbench.results.columns import SCHEMA_VERSION
from twinbench.results.document import read_document, write_document
from twinbench.results.journal import cut_torn_line, journal_lines
from twinbench.results.rows import AnyRow, Provenance
from twinbench.results.schema import (
    REQUESTS,
    TABLES,
    IncompatibleRunError,
    require_schema,
)


class RunWriter:
    """A run under way, for one process at a time. Every trial is on disk when `add_trial` returns.

    A context manager: left in whatever way, the folder is free for another process to resume.
    """

    def __init__(self, folder: Path, tables: Sequence[str]) -> None:
        self.folder = folder
        self._tables = tuple(tables)
        self._journal = (folder / "journal.jsonl").open("ab")
        try:
            fcntl.flock(self._journal, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._journal.close()
            raise IncompatibleRunError(f"{folder} is being measured right now") from error

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
        write_document(folder, identity | asdict(provenance))
        writer = cls(folder, tables)
        writer.note("started")
        return writer

    @classmethod
    def resume(cls, folder: Path) -> Self:
        """A run that ended before it was finished. What the journal does not know of is removed.

        Raises IncompatibleRunError for a finished run, one under way, or one of another version.
        """
        document, lines = read_document(folder), journal_lines(folder)
        if lines[-1]["event"] == "finished":
            raise IncompatibleRunError(f"{folder} is finished: there is nothing to resume")
        writer = cls(folder, document["tables"])
        cut_torn_line(folder / "journal.jsonl")
        done = {line["trial"] for line in lines if line["event"] == "trial"}
        for part in [*folder.glob("parts/*/*.parquet"), *folder.glob("requests/*.parquet")]:
            if int(part.stem.removeprefix("trial-")) not in done:
                part.unlink()
        writer.note("resumed")
        return writer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._journal.close()

    def requests_path(self, trial: int) -> Path:
        """Where the generator puts the requests of a trial."""
        return requests_path_in(self.folder, trial)

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
        self._journal.write(orjson.dumps(line, option=orjson.OPT_UTC_Z) + b"\n")
        self._journal.flush()
        os.fsync(self._journal.fileno())

    def so_far(self) -> "Run":
        """What is measured already, as a run that can be analysed."""
        tables = {name: self._joined(name) for name in self._tables}
        return Run(self.folder, read_document(self.folder), tables)

    def finish(self, outcome: Mapping[str, object] | None = None) -> None:
        """Join the parts, add the `outcome` to run.json, and seal the folder.

        The parts go last: killed before the journal says `finished`, a run can still be resumed.
        """
        for table in self._tables:
            pq.write_table(self._joined(table), self.folder / f"{table}.parquet")
        if outcome is not None:
            write_document(self.folder, read_document(self.folder) | {"outcome": outcome})
        self.note("finished", files=digests(self.folder))
        self.close()
        shutil.rmtree(self.folder / "parts")
        for path in self.folder.rglob("*"):
            if path.is_file():
                path.chmod(0o444)

    def _joined(self, table: str) -> pa.Table:
        schema = TABLES[table]
        parts = sorted((self.folder / "parts" / table).glob("*.parquet"))
        joined = [pq.read_table(part, schema=schema) for part in parts]
        whole = pa.concat_tables(joined) if joined else schema.empty_table()
        return whole.unify_dictionaries().combine_chunks()


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run folder, checked on opening."""

    folder: Path
    document: dict[str, Any]
    tables: Mapping[str, pa.Table]

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Raises IncompatibleRunError for what is no finished, unchanged run of this version."""
        document = read_document(folder)
        sealed = _finished_line(folder).get("files", {})
        if changed := sorted(set(sealed.items()) ^ set(digests(folder).items())):
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

    def requests_path(self, trial: int) -> Path:
        return requests_path_in(self.folder, trial)

    def requests(self, trials: Iterable[int]) -> pa.Table:
        """The requests of these trials, in the REQUESTS schema."""
        tables = [REQUESTS.empty_table()]
        for trial in trials:
            path = self.requests_path(trial)
            table = pq.read_table(path)
            require_schema(table.schema, REQUESTS, str(path))
            tables.append(table)
        return pa.concat_tables(tables).unify_dictionaries()


def table_of(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    """Rows as a table of exactly this schema. Raises ArrowInvalid where they do not fit."""
    arrays = [pa.array([row[field.name] for row in rows]).cast(field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def requests_path_in(folder: Path, trial: int) -> Path:
    """Where a run's folder holds the requests of a trial."""
    return folder / "requests" / f"trial-{trial:04}.parquet"


def _unused(root: Path, name: str) -> Path:
    folder, number = root / name, 1
    while folder.exists():
        number += 1
        folder = root / f"{name}-{number}"
    return folder


def _finished_line(folder: Path) -> dict[str, Any]:
    last = journal_lines(folder)[-1]
    if last["event"] != "finished":
        raise IncompatibleRunError(
            f"{folder} is not finished: its last entry is {last['event']}; "
            f"go on with `twinbench run {read_document(folder)['experiment']} --resume {folder}`"
        )
    return last


def digests(folder: Path) -> dict[str, str]:
    """Of every file of a run that may not change, by its path in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted([*folder.glob("*"), *folder.glob("requests/*")])
        if path.suffix == ".parquet" or path.name == "run.json"
    }
