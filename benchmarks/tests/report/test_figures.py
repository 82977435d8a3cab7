"""Every picture is drawn, says what it found, and stays the same; what is missing says why."""

from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox

from tests.all_runs import MAKERS
from tests.analysis.test_consistency import write_run as consistency_run
from tests.analysis.test_deployments import deployment_run
from tests.analysis.test_resilience import FAULT, run_with, usual
from tests.analysis.test_simplicity import write_run as simplicity_run
from tests.report.test_modularity import write_run as modularity_run
from tests.scaling_run import scaling_run
from tests.synthetic import ARMS, THREE_ARMS, write_run
from twinbench.analysis.blocks import stages
from twinbench.analysis.capacity import Objective
from twinbench.analysis.slices import percentile_of
from twinbench.report import figures
from twinbench.report.answers import answers
from twinbench.report.figures import Absent, Picture
from twinbench.report.figures.canvas import apart
from twinbench.report.figures.gallery import gallery
from twinbench.report.style import arm_colours
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
    ("experiment", "findings"),
    [
        ("hops", ["A call over HTTP adds 1."]),
        ("capacity", ["serves"]),
        ("floors", ["goals reached"]),
        ("scaling", ["times the capacity of the monolith", "With 3 replicas of the hot part"]),
        ("deployment", ["journeys failed, ", "With 20 teams, 10 changes a day each"]),
        (
            "resilience",
            ["While hang: orders held, 100% of journeys", "Nothing failed any more after a fault"],
        ),
        ("consistency", ["\N{MULTIPLICATION SIGN}4.00 (4.00-4.00) under load"]),
        (
            "modularity",
            [
                "2 in the monolith, 2 in the microservices, nothing undeclared",
                "beyond what they are about: 1 of 1 in the microservices, 1 in the monolith",
            ],
        ),
        (
            "decentralization",
            [
                "monolith 8.50 s, microservices 9.50 s; the mi",
                "in the monolith one query takes 1.50",
            ],
        ),
        (
            "simplicity",
            [
                "in 1 process and in 8: memory at rest 40.0 MB to 250 MB (+30.0 for each beyond 3)",
                "Memory held at rest: monolith 100 MB, microservices 250 MB, modulith 40.0 MB",
            ],
        ),
    ],
)
def test_every_experiment_has_pictures(
    experiment: str, findings: list[str], tmp_path: Path
) -> None:
    found = drawn(MAKERS[experiment](tmp_path))
    found.pop("trials", None)  # floors has none that are gated
    for picture, finding in zip(found.values(), findings, strict=True):
        assert finding in picture.finding


def absent_in(run: Run) -> dict[str, str]:
    return {one.name: one.reason for one in gallery(run) if isinstance(one, Absent)}


@pytest.mark.parametrize("blocks", [1, 2])
def test_few_blocks_do_not_hide_the_bars(blocks: int, tmp_path: Path) -> None:
    """Their intervals have no end, or one far off; the highest bar takes a third of its axis."""
    run = write_run(tmp_path, rates=(20.0,), blocks=blocks, arms=THREE_ARMS)
    found = drawn(run)
    for axis in (axis for axis in found["attribution"].figure.axes if axis.get_visible()):
        assert max(bar.y1 for bar in bars(axis)) > axis.get_ylim()[1] / 3
    for axis in found["components"].figure.axes:
        assert max(bar.x1 for bar in bars(axis)) > axis.get_xlim()[1] / 3
    board = figures.scoreboard(answers({"latency": run}))
    assert isinstance(board, Picture)
    low, high = board.figure.axes[0].get_xlim()
    assert high < (20 if blocks == 1 else 1000) * low
    assert {"scalability", "capacity-and-cost"} <= set(drawn(scaling_run(tmp_path, blocks=blocks)))


def bars(axis: Axes) -> list[Bbox]:
    return [bar.get_bbox() for bar in axis.patches if isinstance(bar, Rectangle)]


def test_what_was_not_scaled_is_told(tmp_path: Path) -> None:
    run = scaling_run(tmp_path, cases=(("work", 1000.0),), blocks=1)
    assert absent_in(run).keys() == {"scalability"}
    assert "1000 candidates a recommendation" in drawn(run)["capacity-and-cost"].finding


def test_a_voided_arm_is_told(tmp_path: Path) -> None:
    one, other = ARMS
    run = scaling_run(tmp_path, void=frozenset(ARMS), blocks=1)
    assert absent_in(run).keys() == {"scalability", "capacity-and-cost"}
    assert drawn(scaling_run(tmp_path, void=frozenset({other}), blocks=2))["scalability"]
    void = deployment_run(tmp_path, void=frozenset(range(1, 19)))
    assert "Void: the machine was disturbed" in drawn(void)["deployment-timeline"].finding
    trials = [(one, FAULT, usual(), False), (other, FAULT, usual(), True)]
    struck = drawn(run_with(tmp_path, trials))
    assert struck["faults"].finding == "Journeys that succeeded while a fault held."
    nothing = run_with(tmp_path, [(arm, FAULT, usual(), True) for arm in ARMS])
    assert absent_in(nothing).keys() == {"faults", "recovery"}
    unsound = drawn(consistency_run(tmp_path, void=frozenset({2, 10})))["windows"]
    assert "Void under load" in unsound.finding


def test_arms_and_requests_that_are_missing_are_told(tmp_path: Path) -> None:
    two = simplicity_run(tmp_path, arms=ARMS, blocks=1)
    assert "in one process, in three and in eight" in absent_in(two)["price-of-splits"]
    assert drawn(two)["at-rest"]
    none = modularity_run(tmp_path, requests=0)
    assert "no change request was tried" in absent_in(none)["blast-radius"]


def test_an_arm_has_one_colour_whoever_is_beside_it() -> None:
    alone = [arm_colours([arm])[arm] for arm in (*THREE_ARMS, "groups")]
    assert list(arm_colours([*THREE_ARMS, "groups"]).values()) == alone
    assert len(set(alone)) == len(alone)


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
