"""What becomes of rows: the generator's own account of itself, and the table."""

import numpy as np
import pyarrow as pa
import pytest

from twinbench.load.plan import GeneratorReport, ProcessReport
from twinbench.load.recorder import Outcome, Recorder, Row, requests_table
from twinbench.load.report import generator_report, transactions_between
from twinbench.results.schema import REQUESTS


def row(journey: int, step: int, due: float, *, lag: float = 0.0, took: float | None = 0.1) -> Row:
    finished = None if took is None else due + took
    outcome = Outcome(finished, 200, 10, None, None if took is not None else "unfinished")
    return Row(journey, "buy", step, "order", due, due + lag, outcome)


def table(rows: list[Row]) -> pa.Table:
    return requests_table(rows, trial=1, origin=0.0)


def test_a_journey_counts_by_what_of_it_ended_inside() -> None:
    rows = [
        row(0, 0, 0.5),
        row(0, 1, 1.5),
        row(1, 0, 1.2),
        row(2, 0, 1.95),
        row(3, 0, 1.5, took=None),
    ]
    assert transactions_between(table(rows), 1.0, 2.0) == pytest.approx(0.5 + 1)


def report_of(rows: list[Row], times: list[float]) -> GeneratorReport:
    processes = (ProcessReport(0.25, 0.05, 3.0, 1), ProcessReport(0.15, 0.01, 2.0, 0))
    return generator_report(
        table(rows), times=np.array(times), window=(1.0, 3.0), processes=processes
    )


def test_the_report_is_of_journeys_due_in_the_window() -> None:
    rows = [row(0, 0, 0.5), row(1, 0, 1.0, lag=0.004), row(1, 1, 4.0), row(2, 0, 2.5)]
    found = report_of(rows, [0.5, 1.0, 2.5, 3.0])
    assert found.arrivals == 2
    assert found.requests == 3
    assert found.achieved_rate == pytest.approx(1.0)
    assert found.lag_p99_ms == pytest.approx(4, rel=0.05)
    assert (found.cpu, found.wait) == (0.25, 0.05)
    assert (found.in_flight_mean, found.shared_customers) == (5, 1)


def test_journeys_that_were_not_begun_lower_the_achieved_rate() -> None:
    assert report_of([row(0, 0, 1.5)], [1.5, 2.0]).achieved_rate == pytest.approx(0.5)


def test_a_generator_that_falls_behind_does_not_achieve_its_rate() -> None:
    rows = [row(0, 0, 1.5), row(1, 0, 2.9, lag=2.1)]
    assert report_of(rows, [1.5, 2.9]).achieved_rate == pytest.approx(2 / 4)


def test_a_generator_without_rows_has_still_a_report() -> None:
    found = report_of([], [1.5])
    assert (found.arrivals, found.achieved_rate, found.requests, found.lag_p99_ms) == (1, 0, 0, 0)


def test_rows_become_the_table_that_readers_expect() -> None:
    table = requests_table([row(1, 0, 12.5), row(0, 0, 11.0, took=None)], trial=3, origin=10.0)
    assert table.schema.equals(REQUESTS, check_metadata=True)
    assert table["journey_id"].to_pylist() == [0, 1]
    assert table["intended_ns"].to_pylist() == [1_000_000_000, 2_500_000_000]
    assert table["finished_ns"].to_pylist() == [None, 2_600_000_000]
    assert table["error"].to_pylist() == ["unfinished", None]


def test_no_rows_are_a_table_too() -> None:
    assert requests_table([], trial=1, origin=0.0).schema.equals(REQUESTS)


def test_a_recorder_without_flights_abandons_nothing() -> None:
    recorder = Recorder()
    recorder.abandon_open()
    assert recorder.rows == []
