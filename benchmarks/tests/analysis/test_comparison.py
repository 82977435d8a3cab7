from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.synthetic import ARMS, provenance, resource_rows, trial_row, write_run
from twinbench.analysis.comparison import compare
from twinbench.analysis.samples import component_figures, journey_waits
from twinbench.experiments.design import Slot
from twinbench.load.recorder import Outcome, Row, requests_table
from twinbench.results.store import Run, RunWriter


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


def test_one_block_is_shown_without_a_claim(tmp_path: Path) -> None:
    comparison = compare(write_run(tmp_path, rates=(40.0,), blocks=1))
    assert comparison.sound
    assert {row.verdict for row in comparison.rows} == {"inconclusive"}


def hand_made_run(root: Path) -> Run:
    """One trial: a whole journey, one that failed, one that never ended, two outside the window."""

    def request(journey: int, step: int, due: float, outcome: Outcome) -> Row:
        return Row(journey, "buy", step, "r", due, due, outcome)

    def done(at: float) -> Outcome:
        return Outcome(at, 200, 1, None, None)

    rows = [
        request(0, 0, 1.9, done(2.5)),
        request(1, 0, 3.0, done(3.25)),
        request(1, 1, 4.0, done(4.5)),
        request(2, 0, 5.0, done(5.1)),
        request(2, 1, 5.5, Outcome(5.6, 503, 0, None, "BadStatusCode")),
        request(3, 0, 7.0, Outcome(None, 0, 0, None, "unfinished")),
        request(4, 0, 8.0, done(8.1)),
    ]
    writer = RunWriter.create(root, provenance((10.0,), 1), tables=("trials", "resources"))
    pq.write_table(requests_table(rows, trial=1, origin=0.0), writer.requests_path(1))
    slot = Slot(block=0, position=0, arm=ARMS[0], rate=10.0, seed=1)
    row = trial_row(1, slot, factor=1.0, void=False)
    writer.add_trial(1, {"trials": [row], "resources": resource_rows(1, ARMS[0], 1.0)})
    writer.finish()
    return Run.open(writer.folder)


def test_waits_leave_pauses_and_failures_out_and_keep_what_never_ended(tmp_path: Path) -> None:
    waits = journey_waits(hand_made_run(tmp_path), 1)
    assert list(waits) == ["buy"]
    assert np.array_equal(np.sort(waits["buy"]), [0.75, np.inf])


def test_component_figures_are_rates_and_typical_memory(tmp_path: Path) -> None:
    figures = component_figures(hand_made_run(tmp_path), [1])
    assert figures["monolith"]["monolith-gateway"] == pytest.approx((0.2, 80e6))
    assert figures["monolith"]["monolith-web"] == pytest.approx((0.1, 80e6))
