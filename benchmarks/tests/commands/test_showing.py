"""The command line over finished runs, and what it says to mistakes. Nothing is started."""

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from tests.synthetic import provenance, write_run
from twinbench.cli import app
from twinbench.errors import TwinbenchError
from twinbench.results.store import RunWriter


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def test_a_finished_run_is_shown_again(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,))
    result = invoke("report", str(run.folder))
    assert result.exit_code == 0
    assert "At 20 journeys per second" in result.stdout
    assert (run.folder / "comparison.png").exists()


def test_json_holds_every_row_with_its_verdict(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,))
    document = orjson.loads(invoke("report", "--json", str(run.folder)).stdout)
    cpu = next(row for row in document["comparison"]["rows"] if row["subject"] == "CPU")
    assert cpu["verdict"] == "higher"
    assert cpu["estimate"]["low"] < 1.6 < cpu["estimate"]["high"]
    assert document["run"] == str(run.folder)


def test_a_run_that_supports_no_verdict_exits_with_3(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,), void=frozenset({1, 3, 5}))
    assert invoke("report", str(run.folder)).exit_code == 3


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("run", "luck"), "unknown experiment 'luck': choose from latency, capacity, scaling"),
        (
            ("run", "resilience", "--cpus", "1"),
            "resilience takes no settings but --profile, --arms",
        ),
        (("run", "resilience", "--profile", "x"), "unknown profile 'x': choose from smoke, quick"),
        (("run", "resilience", "--rate", "5", "--rate", "6"), "faults are made at one rate"),
        (("run", "latency", "--arms", "duolith"), "unknown arm 'duolith': choose from"),
        (("run", "latency", "--memory", "lots"), "--memory 'lots' is no size"),
        (("run", "capacity", "--rate", "5"), "capacity looks for its rates itself"),
        (("run", "hops", "--rate", "5", "--rate", "6"), "hops are told at one rate"),
        (("run", "hops", "--profile", "eternal"), "unknown profile 'eternal': choose from smoke"),
        (("run", "hops", "--slo", "x"), "--slo judges runs of latency"),
        (("run", "deployment", "--rate", "5", "--rate", "6"), "deployments are made at one rate"),
        (("run", "deployment", "--precision", "5"), "deployment makes as many as its profile"),
        (("run", "deployment", "--resume", "x"), "a run of deployment is of one piece"),
        (("run", "modularity", "--rate", "5"), "modularity takes no settings but --profile"),
        (("run", "modularity", "--profile", "x"), "unknown profile 'x': choose from smoke, quick"),
        (("run", "floors", "--resume", "x"), "a run of floors takes a minute: begin it again"),
        (("run", "latency", "--resume", "x", "--seed", "3"), "a run goes on as it was begun"),
        (("run", "latency", "--resume", "/nowhere"), "/nowhere holds no run"),
        (
            ("run", "latency", "--profile", "eternal"),
            "unknown profile 'eternal': choose from smoke",
        ),
        (("run", "latency", "--rate", "0"), "a rate must be above 0"),
        (("report", "/nowhere"), "/nowhere holds no run"),
    ],
)
def test_mistakes_are_told_in_one_line(arguments: tuple[str, ...], complaint: str) -> None:
    result = invoke(*arguments)
    assert isinstance(result.exception, TwinbenchError)
    assert str(result.exception).startswith(complaint)
    assert "\n" not in str(result.exception)


def test_a_run_of_an_experiment_that_nobody_knows_is_told_in_one_line(tmp_path: Path) -> None:
    origin = replace(provenance((), 1), experiment="luck")
    writer = RunWriter.create(tmp_path, origin, tables=("trials",))
    writer.finish()
    result = invoke("report", str(writer.folder))
    assert isinstance(result.exception, TwinbenchError)
    assert "is a run of 'luck', which is none of latency, floors, hops" in str(result.exception)


def test_a_results_folder_that_cannot_be_is_found_out_first(tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("")
    result = invoke("run", "latency", "--out", str(in_the_way / "results"))
    assert isinstance(result.exception, TwinbenchError)
    assert "choose another folder with --out" in str(result.exception)
