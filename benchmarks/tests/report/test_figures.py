"""Every picture is drawn, says what it found, and stays the same; what is missing says why."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.analysis.test_floors import floors_run
from tests.analysis.test_hops import traced_run
from tests.capacity_run import capacity_run
from tests.synthetic import THREE_ARMS, write_run
from twinbench.analysis.blocks import stages
from twinbench.analysis.capacity import Objective
from twinbench.analysis.slices import percentile_of
from twinbench.report import figures
from twinbench.report.figures import Absent, Picture
from twinbench.report.figures.canvas import apart
from twinbench.report.figures.gallery import gallery
from twinbench.results.store import Run


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Run:
    root = tmp_path_factory.mktemp("three")
    return write_run(root, rates=(10.0, 20.0, 40.0), arms=THREE_ARMS, factor=1.3, blocks=3)


def drawn(run: Run) -> dict[str, Picture]:
    found = {one.name: one for one in gallery(run) if isinstance(one, Picture)}
    for one in found.values():
        assert all(axis.has_data() for axis in one.figure.axes if axis.get_visible()), one.name
    return found


def test_a_run_of_latency_gives_all_its_pictures(three: Run) -> None:
    found = drawn(three)
    assert list(found) == [
        "latency-against-load", "distribution", "attribution", "components", "trials",
    ]  # fmt: skip
    assert "within 200 ms: monolith more than 40" in found["latency-against-load"].finding
    assert "“buy” waits longest" in found["distribution"].finding
    assert "the framework makes it \N{MULTIPLICATION SIGN}1." in found["attribution"].finding
    assert "MB in 5 components" in found["components"].finding
    assert found["trials"].finding == "All 27 trials count: no gate voided one."


def test_the_knee_and_the_promise_are_drawn(three: Run) -> None:
    picture = figures.latency_against_load(stages(three), Objective(limit_ms=100))
    assert isinstance(picture, Picture)
    said = [text.get_text() for axis in picture.figure.axes for text in axis.texts]
    assert "promised: 100 ms" in said
    assert "no knee within these rates" in said
    assert all(arm in said for arm in THREE_ARMS)


@pytest.mark.parametrize(
    ("make", "finding"),
    [
        (traced_run, "A call over HTTP adds 1."),
        (capacity_run, "serves"),
        (floors_run, "goals reached"),
    ],
)
def test_every_experiment_has_pictures(
    make: Callable[[Path], Run], finding: str, tmp_path: Path
) -> None:
    found = list(drawn(make(tmp_path)).values())
    assert finding in found[0].finding


def test_pictures_come_in_both_formats_and_do_not_change(three: Run, tmp_path: Path) -> None:
    one, two = drawn(three), drawn(three)
    for name, picture in one.items():
        assert picture.svg() == two[name].svg(), name
    paths = one["components"].save(tmp_path)
    assert [path.name for path in paths] == ["components.svg", "components.png"]
    assert paths[1].read_bytes().startswith(b"\x89PNG")


def test_what_two_arms_at_one_rate_cannot_show_is_told(tmp_path: Path) -> None:
    absent = {
        one.name: one.reason
        for one in gallery(write_run(tmp_path, rates=(20.0,), blocks=1))
        if isinstance(one, Absent)
    }
    assert set(absent) == {"latency-against-load", "attribution"}
    assert "one rate makes no curve" in absent["latency-against-load"]
    assert "causes need monolith, modulith and microservices" in absent["attribution"]


def test_voided_trials_are_told_by_cause(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0,), void=frozenset({3}))
    picture = figures.trial_timelines({"latency": run})
    assert isinstance(picture, Picture)
    assert picture.finding == "7 of 8 trials count; voided for: requests left late (1)."


def test_any_percentile_can_be_drawn(three: Run) -> None:
    picture = figures.percentile_bars(percentile_of(three, 77))
    assert isinstance(picture, Picture)
    assert picture.finding.startswith("p77 of 3 kinds of journey: the longest is “buy”")
    assert isinstance(figures.percentile_bars(percentile_of(three, 99.999)), Absent)


def test_labels_are_moved_apart_upwards() -> None:
    assert apart([1.0, 1.1, 5.0], 0.5) == [1.0, 1.5, 5.0]
    assert apart([1.2, 1.0, 1.1], 0.5) == [2.0, 1.0, 1.5]
