"""`compare` and `slo` from the command line."""

from pathlib import Path

import orjson
import pytest

from tests.commands.test_showing import invoke
from tests.synthetic import write_run
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run

RATE = (40.0,)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    root = tmp_path_factory.mktemp("results")
    return write_run(root, rates=RATE, factor=1.2), write_run(root, rates=RATE, factor=1.6, seed=3)


def thresholds(tmp_path: Path, limit_ms: float, percentile: float = 50) -> str:
    file = tmp_path / "slo.toml"
    file.write_text(
        f'[[slo]]\njourney = "operate"\npercentile = {percentile}\nlimit_ms = {limit_ms}\n'
    )
    return str(file)


def test_two_runs_are_shown_side_by_side(runs: tuple[Run, Run]) -> None:
    result = invoke("compare", *(str(run.folder) for run in runs), "--endpoints")
    assert result.exit_code == 0
    for wanted in ("microservices at 40 journeys per second", "run A", "run B", "browse 0"):
        assert wanted in result.stdout


def test_the_ratio_is_there_for_programs(runs: tuple[Run, Run]) -> None:
    result = invoke("compare", "--json", *(str(run.folder) for run in runs))
    document = orjson.loads(result.stdout)
    row = next(
        row
        for row in document["across"]["rows"]
        if (row["arm"], row["subject"]) == ("microservices", "CPU")
    )
    assert row["estimate"]["ratio"] == pytest.approx(1.6 / 1.2, rel=0.08)


def test_unlike_runs_are_refused(runs: tuple[Run, Run], tmp_path: Path) -> None:
    other = write_run(tmp_path, rates=(20.0,))
    result = invoke("compare", str(runs[0].folder), str(other.folder))
    assert isinstance(result.exception, TwinbenchError)
    assert "configuration rates [40.0] against [20.0]" in str(result.exception)


def test_a_breached_threshold_exits_with_1(runs: tuple[Run, Run], tmp_path: Path) -> None:
    folder = str(runs[0].folder)
    kept = invoke("slo", thresholds(tmp_path, 500), folder)
    assert (kept.exit_code, kept.stdout.count("kept")) == (0, 2)
    breached = invoke("slo", thresholds(tmp_path, 5), folder)
    assert (breached.exit_code, breached.stdout.count("breached")) == (1, 2)
    both = invoke("compare", folder, folder, "--slo", thresholds(tmp_path, 5))
    assert both.exit_code == 1


def test_a_threshold_that_cannot_be_judged_exits_with_3(
    runs: tuple[Run, Run], tmp_path: Path
) -> None:
    result = invoke("slo", "--json", thresholds(tmp_path, 500, 99.9), str(runs[0].folder))
    assert result.exit_code == 3
    assert {each["outcome"] for each in orjson.loads(result.stdout)["thresholds"]} == {"unknown"}
