"""How well the generator kept its own promises, from its rows."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from twinbench.load.plan import GeneratorReport
from twinbench.load.recorder import Row


def generator_report(
    rows: Sequence[Row],
    *,
    schedule_times: NDArray[np.float64],
    window: tuple[float, float],
    in_flight: Sequence[tuple[float, int]],
    cpu_seconds: float,
    waited_seconds: float,
    shared_customers: int,
) -> GeneratorReport:
    """Figures for the journeys that were due in `window` (begin, end; seconds of one clock).

    The achieved rate spreads the journeys begun over the time in which they were begun: one that
    the generator could not begin lowers it, and so does a last one that began late.
    """
    begin, end = window
    due = np.flatnonzero((schedule_times >= begin) & (schedule_times < end))
    members = set(due.tolist())
    own = [row for row in rows if row.journey_id in members]
    first = [row for row in own if row.step == 0]
    overrun = max((row.sent - end for row in first), default=0.0)
    lags = np.array([row.sent - row.intended for row in own])
    levels = [level for at, level in in_flight if begin <= at < end]
    length = end - begin
    return GeneratorReport(
        arrivals=len(due),
        achieved_rate=len(first) / (length + max(0.0, overrun)),
        requests=len(own),
        failed=sum(row.outcome.error is not None for row in own),
        transactions=transactions_between(rows, begin, end),
        lag_p99_ms=float(np.quantile(lags, 0.99)) * 1000 if len(lags) else 0.0,
        cpu=cpu_seconds / length,
        wait=waited_seconds / length,
        in_flight_mean=float(np.mean(levels)) if levels else 0.0,
        shared_customers=shared_customers,
    )


def transactions_between(rows: Sequence[Row], begin: float, end: float) -> float:
    """Journeys done between two instants, each by the share of its requests that ended there.

    At the edges of the window journeys are half done; counting them whole or not at all would blur
    CPU per transaction by as much as the window is short.
    """
    sizes = Counter(row.journey_id for row in rows)
    return sum(
        1 / sizes[row.journey_id]
        for row in rows
        if row.outcome.finished is not None and begin <= row.outcome.finished < end
    )
