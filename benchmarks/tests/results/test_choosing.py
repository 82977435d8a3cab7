from pathlib import Path

import pytest

from tests.analysis.test_hops import traced_run
from tests.synthetic import write_run
from twinbench.results.choosing import MissingRunError, choose, choose_all, found_in
from twinbench.results.schema import IncompatibleRunError


def test_the_run_that_is_named_is_chosen(tmp_path: Path) -> None:
    first, second = (write_run(tmp_path, rates=(20.0,), blocks=1, seed=s) for s in (1, 2))
    assert choose("latency", first.folder).folder == first.folder
    assert choose_all(first.folder)["latency"].folder == first.folder
    assert choose_all(second.folder)["latency"].folder == second.folder


def test_of_other_experiments_the_newest_beside_it_is_chosen(tmp_path: Path) -> None:
    hops = [traced_run(tmp_path) for _ in range(2)]
    latency = write_run(tmp_path, rates=(20.0,), blocks=1)
    assert choose("hops", latency.folder).folder == hops[1].folder
    assert {name: run.folder for name, run in choose_all(latency.folder).items()} == {
        "hops": hops[1].folder,
        "latency": latency.folder,
    }
    with pytest.raises(MissingRunError, match="no run of floors here yet"):
        choose("floors", latency.folder)


def test_what_cannot_be_read_is_told_and_left_untouched(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,), blocks=1)
    (tmp_path / "alien").mkdir()
    (tmp_path / "alien" / "notes.txt").write_text("mine")
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "run.json").write_text('{"schema_version": 2, "exp')
    assert [(one.folder.name, one.state) for one in found_in(tmp_path)] == [
        (run.folder.name, "finished"),
        ("torn", "unreadable"),
    ]
    for folder in ("alien", "torn"):
        with pytest.raises(IncompatibleRunError, match="holds no run"):
            choose("latency", tmp_path / folder)
    assert (tmp_path / "alien" / "notes.txt").read_text() == "mine"


def test_runs_of_another_version_are_passed_over(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,), blocks=1)
    old = tmp_path / "20200101T000000Z-hops"
    old.mkdir()
    (old / "run.json").write_text('{"schema_version": 0, "experiment": "hops"}')
    (old / "journal.jsonl").write_text('{"event": "finished"}\n')
    assert {one.state for one in found_in(tmp_path)} == {"finished", "other version"}
    assert set(choose_all(run.folder)) == {"latency"}


def test_one_that_has_changed_is_passed_over_unless_it_is_named(tmp_path: Path) -> None:
    whole, broken = traced_run(tmp_path), traced_run(tmp_path)
    table = broken.folder / "trials.parquet"
    table.chmod(0o644)
    table.write_bytes(b"PAR1")
    latency = write_run(tmp_path, rates=(20.0,), blocks=1)
    assert choose("hops", latency.folder).folder == whole.folder
    assert choose_all(latency.folder)["hops"].folder == whole.folder
    with pytest.raises(IncompatibleRunError, match="has changed"):
        choose("hops", broken.folder)
