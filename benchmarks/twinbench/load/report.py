"""How well the generator kept its own promises, from the rows of all its processes."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from twinbench.load.arrivals import Floats
from twinbench.load.plan import GeneratorReport, ProcessReport


def generator_report(
    requests: pa.Table,
    *,
    times: Floats,
    window: tuple[float, float],
    processes: Sequence[ProcessReport],
) -> GeneratorReport:
    """Figures for the journeys that were due in `window` (begin, end; seconds since the origin).

    `requests` is a table of the REQUESTS schema; `times` (n,) are the scheduled arrivals of the
    trial, journey `i` being due at `times[i]`.

    The achieved rate spreads the journeys begun over the time in which they were begun: one that
    the generator could not begin lowers it, and so does a last one that began late.
    """
    begin, end = window
    due = (times >= begin) & (times < end)
    own = requests.filter(due[requests["journey_id"].to_numpy()])
    sent = own["sent_ns"].to_numpy() / 1e9
    first = sent[own["step"].to_numpy() == 0]
    overrun = max(0.0, float(np.max(first, initial=end)) - end)
    lags = sent - own["intended_ns"].to_numpy() / 1e9
    return GeneratorReport(
        arrivals=int(np.sum(due)),
        achieved_rate=len(first) / (end - begin + overrun),
        requests=len(own),
        failed=len(own) - own["error"].null_count,
        transactions=transactions_between(requests, begin, end),
        lag_p99_ms=float(np.quantile(lags, 0.99)) * 1000 if len(lags) else 0.0,
        cpu=max(one.cpu for one in processes),
        wait=max(one.wait for one in processes),
        in_flight_mean=sum(one.in_flight_mean for one in processes),
        shared_customers=sum(one.shared_customers for one in processes),
        processes=tuple(processes),
    )


def transactions_between(requests: pa.Table, begin: float, end: float) -> float:
    """Journeys done between two instants, each by the share of its requests that ended there.

    At the edges of the window journeys are half done; counting them whole or not at all would blur
    CPU per transaction by as much as the window is short.
    """
    journeys: NDArray[np.int32] = requests["journey_id"].to_numpy()
    finished = pc.fill_null(requests["finished_ns"], -1).to_numpy() / 1e9
    inside = (finished >= begin) & (finished < end)
    return float(np.sum(1 / np.bincount(journeys)[journeys[inside]])) if len(journeys) else 0.0
