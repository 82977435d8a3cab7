import stat
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.synthetic import ARMS, provenance, request_rows, resource_rows, trial_row, write_run
from twinbench.experiments.design import Slot
from twinbench.load.recorder import requests_table
from twinbench.results.schema import (
    REQUESTS,
    RESOURCES,
    TRIALS,
    IncompatibleRunError,
    require_schema,
)
from twinbench.results.store import Run, RunWriter

TABLE_NAMES = ("trials", "resources")


def rewritable(path: Path) -> Path:
    path.chmod(0o644)
    return path


def test_a_run_reads_back_as_it_was_written(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(10.0,), blocks=2)
    assert run.document["experiment"] == "latency"
    assert run.document["revision"] == "0" * 40
    assert run.trials["trial"].to_pylist() == [1, 2, 3, 4]
    assert run.resources.schema.equals(RESOURCES)
    assert run.trials.schema.equals(TRIALS)
    both = run.requests([1, 2])
    assert both.schema.names == REQUESTS.names
    assert set(both["trial"].to_pylist()) == {1, 2}


def test_a_finished_run_is_read_only_and_has_no_parts(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(10.0,), blocks=1)
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    assert all(not path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP) for path in files)
    names = {path.name for path in run.folder.iterdir()}
    assert names == {"run.json", "journal.jsonl", "requests", "trials.parquet", "resources.parquet"}


def test_the_journal_tells_what_was_done(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(10.0,), blocks=1)
    lines = [
        orjson.loads(line) for line in (run.folder / "journal.jsonl").read_bytes().splitlines()
    ]
    assert [line["event"] for line in lines] == ["started", "trial", "trial", "finished"]
    assert set(lines[-1]["files"]) == {
        "run.json", "trials.parquet", "resources.parquet", "requests/trial-0001.parquet",
        "requests/trial-0002.parquet",
    }  # fmt: skip


def test_every_trial_is_on_disk_before_the_next(tmp_path: Path) -> None:

    writer = RunWriter.create(tmp_path, provenance((10.0,), 1), tables=TABLE_NAMES)
    rows = request_rows(np.random.default_rng(1), rate=10, factor=1, seconds=8)
    pq.write_table(requests_table(rows, trial=1, origin=0.0), writer.requests_path(1))
    slot = Slot(block=0, position=0, arm=ARMS[0], rate=10.0, seed=1)
    row = trial_row(1, slot, factor=1.0, void=False)
    writer.add_trial(1, {"trials": [row], "resources": resource_rows(1, ARMS[0], 1.0)})
    part = pq.read_table(writer.folder / "parts/trials/0001.parquet")
    require_schema(part.schema, TRIALS, "part")
    with pytest.raises(IncompatibleRunError, match="not finished: its last entry is trial"):
        Run.open(writer.folder)


def test_runs_started_in_the_same_second_do_not_meet(tmp_path: Path) -> None:
    one, two = (
        RunWriter.create(tmp_path, provenance((10.0,), 1), tables=TABLE_NAMES).folder
        for _ in range(2)
    )
    assert one != two
    assert two.name == f"{one.name}-2"


def test_a_changed_run_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(10.0,), blocks=1)
    path = rewritable(run.folder / "requests" / "trial-0002.parquet")
    pq.write_table(REQUESTS.empty_table(), path)
    with pytest.raises(IncompatibleRunError, match=r"trial-0002\.parquet has changed"):
        Run.open(run.folder)


def test_another_version_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(10.0,), blocks=1)
    path = rewritable(run.folder / "run.json")
    path.write_bytes(orjson.dumps(orjson.loads(path.read_bytes()) | {"schema_version": 99}))
    with pytest.raises(IncompatibleRunError, match="schema version 99, this Twinbench reads 1"):
        Run.open(run.folder)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IncompatibleRunError, match="holds no run"):
        Run.open(tmp_path)


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        (pa.schema([]), "schema none"),
        (TRIALS, "schema trials/1, this Twinbench reads requests/1"),
        (REQUESTS.remove(0), "columns differ: trial"),
        (REQUESTS.set(0, pa.field("trial", pa.string())), "column trial is string, not int32"),
    ],
)
def test_tables_that_are_not_alike_are_refused(schema: pa.Schema, complaint: str) -> None:
    with pytest.raises(IncompatibleRunError, match=complaint):
        require_schema(schema, REQUESTS, "here")
