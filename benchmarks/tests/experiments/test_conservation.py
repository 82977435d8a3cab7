"""Little's law holds for any path; what sampling leaves is within the stated error."""

import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from twinbench.experiments.conservation import SAMPLED_EVERY_S, in_flight


def table(sent: NDArray[np.float64], finished: NDArray[np.float64]) -> pa.Table:
    ends = [None if np.isnan(at) else round(at * 1e9) for at in finished]
    return pa.table(
        {
            "sent_ns": pa.array(np.round(sent * 1e9).astype(np.int64)),
            "finished_ns": pa.array(ends, pa.int64()),
        }
    )


def sampled(sent: NDArray[np.float64], finished: NDArray[np.float64], end: float) -> float:
    ends = np.where(np.isnan(finished), np.inf, finished)
    instants = np.arange(2.0, end, SAMPLED_EVERY_S)
    return float(np.mean([np.sum((sent <= at) & (ends > at)) for at in instants]))


def test_the_error_is_that_of_the_sampling() -> None:
    random = np.random.default_rng(3)
    scaled = []
    for _ in range(200):
        sent = np.sort(random.uniform(0, 8, 160))
        finished = sent + random.lognormal(-4.5, 0.6, 160)
        level = in_flight(table(sent, finished), sampled(sent, finished, 8.0), begin=2.0, end=8.0)
        scaled.append((level.sampled - level.by_rows) / level.error)
    assert abs(np.mean(scaled)) < 0.25
    assert np.std(scaled) == pytest.approx(1.0, abs=0.15)


def test_it_holds_in_overload_and_with_requests_that_never_end() -> None:
    sent = np.arange(0, 8, 0.05)
    finished = np.where(sent < 5, sent * 1.8, np.nan)
    level = in_flight(table(sent, finished), sampled(sent, finished, 8.0), begin=2.0, end=8.0)
    assert level.off(errors=3) < 0.01


def test_rows_that_are_lost_break_it() -> None:
    sent = np.arange(0, 8, 0.02)
    finished = sent + 0.1
    kept = np.arange(len(sent)) % 10 != 0
    level = in_flight(
        table(sent[kept], finished[kept]), sampled(sent, finished, 8.0), begin=2.0, end=8.0
    )
    assert level.off(errors=3) > 0.05
