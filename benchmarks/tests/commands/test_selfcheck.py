"""`selfcheck` from the command line, and its result under later reports."""

from pathlib import Path

import orjson
import pytest

from tests.commands.test_showing import invoke
from tests.synthetic import write_run
from twinbench.commands import selfcheck
from twinbench.results.store import Run


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setattr(selfcheck, "_COVERAGE_SETS", 20_000)
    return write_run(tmp_path / "results", rates=(20.0,), blocks=8)


def test_the_result_is_kept_beside_the_runs_and_reported(run: Run) -> None:
    arguments = ("report", str(run.folder))
    assert "was not checked here" in " ".join(invoke(*arguments).stdout.split())
    result = invoke("selfcheck", "--no-truth", "--sets", "100", str(run.folder))
    assert result.exit_code == 0, result.stdout
    kept = orjson.loads((run.folder.parent / "selfcheck.json").read_bytes())
    assert [check["passed"] for check in kept["checks"]] == [True, True, True]
    assert kept["run"] == run.folder.name
    told = " ".join(invoke(*arguments).stdout.split())
    assert "holds: A/A, planted effect, interval coverage" in told
    assert "of another revision" in told
    assert orjson.loads(invoke("report", "--json", str(run.folder)).stdout)["selfcheck"] == kept


def test_a_check_that_fails_exits_with_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    untrue = run.folder.parent / "test_untrue.py"
    untrue.write_text("def test_it() -> None:\n    raise AssertionError\n")
    monkeypatch.setattr(selfcheck, "_TRUTH", str(untrue))
    result = invoke("selfcheck", "--json", "--sets", "100", str(run.folder))
    assert result.exit_code == 1
    assert orjson.loads(result.stdout)["checks"][-1]["passed"] is False


def test_a_result_that_cannot_be_read_is_none(run: Run) -> None:
    (run.folder.parent / "selfcheck.json").write_text("{")
    assert "was not checked here" in " ".join(invoke("report", str(run.folder)).stdout.split())
