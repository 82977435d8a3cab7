from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.synthetic import ARMS, provenance, resource_rows, trial_row
from twinbench.analysis.samples import (
    Failures,
    Waits,
    component_figures,
    final_trials,
    waits_of,
)
from twinbench.experiments.design import Slot
from twinbench.load.recorder import Outcome, Row, requests_table
from twinbench.results.store import Run, RunWriter


def hand_made_rows() -> list[Row]:
    """One trial: a whole journey, one that failed, one that never ended, two outside the window."""

    def request(journey: int, step: int, due: float, outcome: Outcome) -> Row:
        return Row(journey, "buy", step, f"request {step}", due, due, outcome)

    def done(at: float) -> Outcome:
        return Outcome(at, 200, 1, None, None)

    return [
        request(0, 0, 1.9, done(2.5)),
        request(1, 0, 3.0, done(3.25)),
        request(1, 1, 4.0, done(4.5)),
        request(2, 0, 5.0, done(5.1)),
        request(2, 1, 5.5, Outcome(5.6, 503, 0, None, "BadStatusCode")),
        request(3, 0, 7.0, Outcome(None, 0, 0, None, "unfinished")),
        request(4, 0, 8.0, done(8.1)),
    ]


def hand_made_run(root: Path, requests: Sequence[Row] | None = None) -> Run:
    rows = hand_made_rows() if requests is None else requests
    writer = RunWriter.create(root, provenance((10.0,), 1), tables=("trials", "resources"))
    pq.write_table(requests_table(rows, trial=1, origin=0.0), writer.requests_path(1))
    slot = Slot(block=0, position=0, arm=ARMS[0], rate=10.0, seed=1)
    row = trial_row(1, slot, factor=1.0, void=False)
    writer.add_trial(1, {"trials": [row], "resources": resource_rows(1, ARMS[0], 1.0)})
    writer.finish()
    return Run.open(writer.folder)


@pytest.fixture
def waits(tmp_path: Path) -> Waits:
    run = hand_made_run(tmp_path)
    (trial,) = final_trials(run)
    return waits_of(run, trial)


def test_journeys_leave_pauses_and_failures_out_and_keep_what_never_ended(waits: Waits) -> None:
    assert list(waits.journeys) == ["buy"]
    assert np.array_equal(np.sort(waits.journeys["buy"]), [0.75, np.inf])


def test_requests_belong_to_the_window_by_themselves(waits: Waits) -> None:
    assert list(waits.requests) == ["request 0", "request 1"]
    assert np.sort(waits.requests["request 0"]) == pytest.approx([0.1, 0.25, np.inf])
    assert waits.requests["request 1"] == pytest.approx([0.5])


def test_what_failed_and_what_never_ended_is_counted(waits: Waits) -> None:
    assert waits.failures == {
        ("journey", "buy"): Failures(2, 3),
        ("request", "request 0"): Failures(1, 3),
        ("request", "request 1"): Failures(1, 2),
    }
    assert waits.failures["journey", "buy"].share == pytest.approx(2 / 3)


def test_a_trial_without_requests_has_no_waits(tmp_path: Path) -> None:
    run = hand_made_run(tmp_path, requests=())
    (trial,) = final_trials(run)
    assert waits_of(run, trial) == Waits({}, {}, {})


def test_component_figures_are_rates_and_typical_memory(tmp_path: Path) -> None:
    figures = component_figures(hand_made_run(tmp_path), [1])
    assert figures["monolith"]["monolith-gateway"] == pytest.approx((0.2, 80e6))
    assert figures["monolith"]["monolith-web"] == pytest.approx((0.1, 80e6))
