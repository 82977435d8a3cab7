"""Two runs: the planted change is found, and unlike runs are told apart."""

from dataclasses import replace
from typing import Any

import pytest

from tests.synthetic import write_run
from twinbench.analysis.across import UnlikeRunsError, compare_runs
from twinbench.results.store import Run


@pytest.fixture(scope="module")
def a(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("a"), rates=(40.0,), factor=1.2, blocks=6)


@pytest.fixture(scope="module")
def b(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("b"), rates=(40.0,), factor=1.5, blocks=5, seed=2)


def changed(run: Run, **values: Any) -> Run:
    return replace(run, document=run.document | values)


def test_each_arm_is_compared_with_itself(a: Run, b: Run) -> None:
    across = compare_runs(a, b)
    cpu = {row.arm: row for row in across.rows if row.subject == "CPU"}
    assert cpu["microservices"].estimate.ratio == pytest.approx(1.5 / 1.2, rel=0.05)
    assert cpu["microservices"].verdict == "higher"
    assert cpu["monolith"].estimate.low < 1 < cpu["monolith"].estimate.high
    assert cpu["monolith"].verdict != "higher"
    assert {row.subject for row in across.endpoints} >= {"all", "browse 0"}
    assert across.sound


def test_a_run_is_equivalent_to_itself(a: Run) -> None:
    rows = compare_runs(a, a).rows
    assert {row.estimate.ratio for row in rows} == {1.0}
    assert {row.verdict for row in rows if row.subject == "CPU"} == {"equivalent"}


def test_what_may_differ_is_told(a: Run, b: Run) -> None:
    newer = changed(b, revision="1" * 40, versions={"twinbench": "1"}, seed=2)
    differences = compare_runs(a, newer).differences
    assert differences["revision"] == ("0" * 40, "1" * 40)
    assert differences["versions twinbench"] == ("0", "1")
    assert differences["seed"] == ("1", "2")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"engine": "compose"}, "engine process against compose"),
        ({"topology_digest": "1" * 64}, r"topology digest 0{60}\.\.\. against 1{60}"),
        ({"schema_version": 99}, "schema version [0-9]+ against 99"),
        ({"experiment": "capacity"}, "experiment latency against capacity"),
        ({"host": {"cpu_model": "other"}}, "host cpu_model test against other"),
        ({"limits": {"generator_cores": [1]}}, r"limits arms.microservices.cores \[0\] against"),
    ],
)
def test_unlike_runs_are_refused(a: Run, b: Run, change: dict[str, Any], why: str) -> None:
    with pytest.raises(UnlikeRunsError, match=why) as caught:
        compare_runs(a, changed(b, **change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"dataset": "medium"}, "configuration dataset small against medium"),
        ({"mix": {"browse": 1.0}}, r"configuration mix.account 15.0 against \(absent\)"),
        ({"measure_s": 60.0}, "configuration measure_s 6.0 against 60.0"),
        ({"think_s": 1.0}, r"configuration think_s \(absent\) against 1.0"),
    ],
)
def test_unlike_configurations_are_refused(
    a: Run, b: Run, change: dict[str, Any], why: str
) -> None:
    other = changed(b, configuration=b.document["configuration"] | change)
    with pytest.raises(UnlikeRunsError, match=why):
        compare_runs(a, other)


def test_many_reasons_are_counted(a: Run, b: Run) -> None:
    other = changed(b, configuration={}, engine="compose")
    with pytest.raises(UnlikeRunsError, match=r"and [0-9]+ more$"):
        compare_runs(a, other)
