from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.synthetic import THREE_ARMS, write_run
from twinbench.analysis.comparison import compare
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("three"), arms=THREE_ARMS, factor=1.4)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("results"), factor=1.6)


def test_a_planted_ratio_is_found(run: Run) -> None:
    comparison = compare(run)
    browse = next(
        row
        for row in comparison.rows
        if (row.rate, row.subject, row.measure) == (40, "browse", "p50")
    )
    assert browse.estimate.low < 1.6 < browse.estimate.high
    assert browse.verdict == "higher"
    assert browse.typical["monolith"] == pytest.approx(60, rel=0.1)
    cpu = next(row for row in comparison.rows if row.subject == "CPU")
    assert cpu.typical["monolith"] == pytest.approx(18, rel=0.05)
    assert comparison.sound


def test_percentiles_without_samples_beyond_them_are_not_shown(run: Run) -> None:
    measures = {(row.subject, row.measure) for row in compare(run).rows if row.rate == 20}
    assert ("browse", "p95") in measures
    assert ("browse", "p99") not in measures
    assert not any(subject == "operate" and measure == "p95" for subject, measure in measures)


def test_void_trials_take_their_block_with_them(tmp_path: Path) -> None:
    comparison = compare(write_run(tmp_path, rates=(40.0,), void=frozenset({3})))
    assert comparison.blocks == {40.0: 3}
    assert [trial.number for trial in comparison.void] == [3]
    assert comparison.sound
    assert all(len(column) == 3 for row in comparison.rows for column in row.figures.values())


def test_with_too_few_valid_blocks_nothing_is_said(tmp_path: Path) -> None:
    comparison = compare(write_run(tmp_path, rates=(40.0,), void=frozenset({1, 3, 5})))
    assert not comparison.sound
    assert comparison.blocks == {40.0: 4}
    assert comparison.rows
    assert all(row.verdict is None for row in comparison.rows)


def test_a_rate_of_the_curve_is_drawn_but_not_judged(tmp_path: Path) -> None:
    judged, mixed = (
        compare(write_run(tmp_path / name, rates=rates, curve=(40.0,), void=frozenset({3, 4})))
        for name, rates in (("alone", (20.0,)), ("mixed", (20.0, 40.0)))
    )
    assert mixed.sound
    drawn = [row for row in mixed.rows if row.rate == 40]
    assert drawn
    assert all((row.unjudged, row.verdict) == ("curve", None) for row in drawn)
    assert all(row.unjudged is None and row.verdict for row in judged.rows)
    # Holm is over what is judged: the curve takes nothing from it.
    of_both = [row for row in mixed.rows if row.rate == 20]
    assert len(of_both) == len(judged.rows)
    assert any(row.verdict == "higher" for row in of_both)


def test_one_block_is_shown_without_a_claim(tmp_path: Path) -> None:
    comparison = compare(write_run(tmp_path, rates=(40.0,), blocks=1))
    assert comparison.sound
    assert {row.verdict for row in comparison.rows} == {"inconclusive"}


def test_every_arm_is_set_against_the_base(three: Run) -> None:
    comparison = compare(three, base="microservices")
    assert comparison.base == "microservices"
    assert {(row.first, row.second) for row in comparison.rows} == {
        ("microservices", "monolith"), ("microservices", "modulith"),
    }  # fmt: skip
    monolith = next(
        row for row in comparison.rows if row.subject == "CPU" and row.second == "monolith"
    )
    assert monolith.estimate.ratio == pytest.approx(1 / 1.4**2, rel=0.05)
    assert monolith.verdict == "lower"


def test_an_unknown_base_is_refused(three: Run) -> None:
    with pytest.raises(TwinbenchError, match="no arm 'mainframe': choose from monolith, modulith"):
        compare(three, base="mainframe")


def test_single_requests_are_a_table_of_their_own(three: Run) -> None:
    comparison = compare(three)
    assert {row.kind for row in comparison.rows} == {"journey", "arm"}
    subjects = {row.subject for row in comparison.endpoints}
    assert {"all", "browse 0", "buy 1"} <= subjects


def test_a_void_trial_takes_its_block_from_all_arms(tmp_path: Path) -> None:
    void = frozenset({2})
    comparison = compare(write_run(tmp_path, rates=(40.0,), arms=THREE_ARMS, void=void))
    assert comparison.blocks == {40.0: 3}
    assert comparison.sound


def test_an_arm_that_did_not_run_at_a_rate_costs_the_others_nothing(tmp_path: Path) -> None:
    run = write_run(tmp_path, rates=(20.0, 40.0), arms=THREE_ARMS)
    trials = run.trials.to_pylist()
    kept = [row["arm"] != "monolith" or row["offered_rate"] < 40 for row in trials]
    fewer = replace(run, tables={**run.tables, "trials": run.trials.filter(pa.array(kept))})
    comparison = compare(fewer, base="modulith")
    assert comparison.blocks == {20.0: 4, 40.0: 4}
    assert {row.second for row in comparison.rows if row.rate == 40} == {"microservices"}
    assert not {part.rate for part in comparison.attribution} & {40.0}
