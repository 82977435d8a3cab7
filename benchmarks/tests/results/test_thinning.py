from pathlib import Path

import pytest

from tests.analysis.test_hops import traced_run
from tests.capacity_run import capacity_run
from tests.synthetic import write_run
from twinbench.analysis.capacities import capacities
from twinbench.analysis.comparison import compare
from twinbench.analysis.hops import hops
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run
from twinbench.results.thinning import thin


def test_whole_journeys_are_kept_by_chance_and_it_is_told(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(40.0,), blocks=2)
    small = Run.open(thin(run, tmp_path / "sample", share=0.25))
    for trial in run.trials["trial"].to_pylist():
        before, after = run.requests([trial]), small.requests([trial])
        own = set(after["journey_id"].to_pylist())
        assert len(own) == round(0.25 * len(set(before["journey_id"].to_pylist())))
        kept = [row for row in before.to_pylist() if row["journey_id"] in own]
        assert after.to_pylist() == kept
    assert small.document["thinned"]["share"] == 0.25
    assert small.document["thinned"]["files"]["run.json"]
    assert small.trials.equals(run.trials)
    assert compare(small).blocks == compare(run).blocks
    assert compare(small).rows[-1].estimate == compare(run).rows[-1].estimate


def test_a_copy_that_keeps_all_says_the_same(tmp_path: Path) -> None:
    for run, found in ((traced_run(tmp_path), hops), (capacity_run(tmp_path), capacities)):
        copy = Run.open(thin(run, tmp_path / "sample", share=1))
        assert found(copy) == found(run)
        assert "thinned" not in copy.document


def test_folders_of_the_machine_are_not_told(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,), blocks=1)
    run.document["command"] = ["__main__.py", "run", "latency", "--out", "/somewhere/of/mine"]
    copy = Run.open(thin(run, tmp_path / "sample", share=1))
    assert copy.document["command"][-1] == "mine"


def test_what_cannot_be_thinned_is_told(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,), blocks=1)
    with pytest.raises(TwinbenchError, match="a share lies above 0"):
        thin(run, tmp_path / "sample", share=0)
    small = Run.open(thin(run, tmp_path / "sample", share=0.5))
    with pytest.raises(TwinbenchError, match="exists already"):
        thin(run, tmp_path / "sample", share=0.5)
    with pytest.raises(TwinbenchError, match="is thinned already"):
        thin(small, tmp_path / "again", share=0.5)
    with pytest.raises(TwinbenchError, match="rests on all of its requests"):
        thin(capacity_run(tmp_path), tmp_path / "sample", share=0.5)
