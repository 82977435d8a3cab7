from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.analysis.test_hops import traced_run
from tests.synthetic import write_run
from twinbench.cli import app
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ("results", *map(str, arguments)))


@pytest.fixture
def three(tmp_path: Path) -> list[Run]:
    latency = [write_run(tmp_path, rates=(20.0,), blocks=1) for _ in range(2)]
    return [*latency, traced_run(tmp_path)]


def test_runs_are_listed(three: list[Run], tmp_path: Path) -> None:
    shown = invoke("list", "--in", tmp_path)
    assert shown.exit_code == 0
    for wanted in ("20261123T093000Z-latency-2", "hops", "quick", "finished", "MB"):
        assert wanted in shown.stdout
    assert isinstance(invoke("list", "--in", tmp_path / "none").exception, TwinbenchError)


def test_a_run_tells_where_it_comes_from(three: list[Run]) -> None:
    shown = invoke("show", three[0].folder)
    for wanted in ("latency, quick profile", "monolith, microservices", "2026-11-23 09:30 UTC"):
        assert wanted in shown.stdout


def test_the_newest_of_each_experiment_are_kept(three: list[Run], tmp_path: Path) -> None:
    assert invoke("prune", "--keep", 1, "--in", tmp_path, "--yes").exit_code == 0
    assert [run.folder.exists() for run in three] == [False, True, True]
    assert "nothing to delete" in invoke("prune", "--keep", 1, "--in", tmp_path).stdout


def test_nothing_goes_without_a_yes(three: list[Run], tmp_path: Path) -> None:
    assert invoke("prune", three[0].folder).exit_code == 1
    assert three[0].folder.exists()
    assert invoke("prune", three[0].folder, "--yes").exit_code == 0
    assert not three[0].folder.exists()


def test_what_is_no_run_is_left_alone(tmp_path: Path) -> None:
    alien = tmp_path / "alien"
    alien.mkdir()
    (alien / "run.json").write_text("{}")
    for arguments in ((alien, "--yes"), (tmp_path / "nowhere", "--yes"), ()):
        assert isinstance(invoke("prune", *arguments).exception, TwinbenchError)
    assert alien.exists()


def test_runs_are_thinned_into_a_folder(three: list[Run], tmp_path: Path) -> None:
    shown = invoke("thin", three[0].folder, "--share", 0.5, "--into", tmp_path / "sample")
    assert shown.exit_code == 0
    copy = Run.open(tmp_path / "sample" / three[0].folder.name)
    assert copy.document["thinned"]["share"] == 0.5
