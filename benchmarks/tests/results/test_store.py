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
from twinbench.results.choosing import found_in
from twinbench.results.journal import journal_lines
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


def add_trial(writer: RunWriter, number: int) -> None:
    rows = request_rows(np.random.default_rng(1), rate=10, factor=1, seconds=8)
    pq.write_table(requests_table(rows, trial=number, origin=0.0), writer.requests_path(number))
    slot = Slot(block=0, position=0, arm=ARMS[0], rate=10.0, seed=1)
    row = trial_row(number, slot, factor=1.0, void=False)
    writer.add_trial(number, {"trials": [row], "resources": resource_rows(number, ARMS[0], 1.0)})


def test_every_trial_is_on_disk_before_the_next(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, provenance((10.0,), 1), tables=TABLE_NAMES) as writer:
        add_trial(writer, 1)
        part = pq.read_table(writer.folder / "parts/trials/0001.parquet")
        require_schema(part.schema, TRIALS, "part")
        assert writer.so_far().trials["trial"].to_pylist() == [1]
    with pytest.raises(IncompatibleRunError, match="not finished: its last entry is trial"):
        Run.open(writer.folder)


def test_runs_started_in_the_same_second_do_not_meet(tmp_path: Path) -> None:
    origin = provenance((10.0,), 1)
    with (
        RunWriter.create(tmp_path, origin, tables=TABLE_NAMES) as one,
        RunWriter.create(tmp_path, origin, tables=TABLE_NAMES) as two,
    ):
        assert two.folder.name == f"{one.folder.name}-2"


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
    with pytest.raises(IncompatibleRunError, match="schema version 99, this Twinbench reads 2"):
        Run.open(run.folder)


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(IncompatibleRunError, match="holds no run"):
        Run.open(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("run.json", b"", "holds no run"),
        ("run.json", b'{"schema_version": 2, "exp', "holds no run"),
        ("run.json", b"[1, 2]", "its run.json is none of ours"),
        ("run.json", b"{}", "has schema version None"),
        ("run.json", b'{"schema_version": 2}', "run.json lacks configuration, experiment"),
        ("journal.jsonl", b"", "was never begun"),
        ("journal.jsonl", b"hello\n", "its journal cannot be read"),
        ("journal.jsonl", b"[]\n", "its journal is none of ours"),
        ("journal.jsonl", b'{"event": "finished"}\n', "has changed since the run ended"),
        ("trials.parquet", b"PAR1", r"trials\.parquet has changed"),
    ],
)
def test_an_alien_or_truncated_folder_is_told_in_a_line_and_left_untouched(
    name: str, content: bytes, complaint: str, tmp_path: Path
) -> None:
    folder = write_run(tmp_path, rates=(10.0,), blocks=1).folder
    rewritable(folder / name).write_bytes(content)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with pytest.raises(IncompatibleRunError, match=complaint) as told:
        Run.open(folder)
    assert "\n" not in str(told.value)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert found_in(tmp_path)


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        (pa.schema([]), "schema none"),
        (TRIALS, "schema trials/2, this Twinbench reads requests/2"),
        (REQUESTS.remove(0), "columns differ: trial"),
        (REQUESTS.set(0, pa.field("trial", pa.string())), "column trial is string, not int32"),
    ],
)
def test_tables_that_are_not_alike_are_refused(schema: pa.Schema, complaint: str) -> None:
    with pytest.raises(IncompatibleRunError, match=complaint):
        require_schema(schema, REQUESTS, "here")


def test_a_broken_run_goes_on_where_its_journal_ends(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, provenance((10.0,), 1), tables=TABLE_NAMES) as writer:
        add_trial(writer, 1)
        folder = writer.folder
    # As a kill leaves it in the middle of the second trial's writing.
    for kept in (folder / "parts/trials/0001.parquet", folder / "requests/trial-0001.parquet"):
        kept.with_name(kept.name.replace("0001", "0002")).write_bytes(kept.read_bytes())
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"event": "tri')
    with RunWriter.resume(folder) as resumed:
        assert resumed.so_far().trials["trial"].to_pylist() == [1]
        assert not resumed.requests_path(2).exists()
        add_trial(resumed, 2)
        resumed.finish({"stopped_by": "blocks"})
    run = Run.open(folder)
    assert run.trials["trial"].to_pylist() == [1, 2]
    assert run.document["outcome"] == {"stopped_by": "blocks"}
    events = [line["event"] for line in journal_lines(folder)]
    assert events == ["started", "trial", "resumed", "trial", "finished"]


def test_a_run_under_way_is_not_resumed_by_another(tmp_path: Path) -> None:
    with (
        RunWriter.create(tmp_path, provenance((10.0,), 1), tables=TABLE_NAMES) as writer,
        pytest.raises(IncompatibleRunError, match="is being measured right now"),
    ):
        RunWriter.resume(writer.folder)


def test_a_finished_run_is_not_resumed(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(10.0,), blocks=1)
    with pytest.raises(IncompatibleRunError, match="is finished: there is nothing to resume"):
        RunWriter.resume(run.folder)


def test_killed_while_finishing_a_run_can_still_be_resumed(tmp_path: Path) -> None:
    with RunWriter.create(tmp_path, provenance((10.0,), 1), tables=TABLE_NAMES) as writer:
        add_trial(writer, 1)
        pq.write_table(TRIALS.empty_table(), writer.folder / "trials.parquet")
    with RunWriter.resume(writer.folder) as resumed:
        resumed.finish()
    assert Run.open(writer.folder).trials["trial"].to_pylist() == [1]
