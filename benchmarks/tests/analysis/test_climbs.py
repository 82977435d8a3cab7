"""How far an arm climbs, on a simulated server whose capacity is known."""

import numpy as np
import pyarrow as pa
import pytest

from twinbench.analysis.capacity import Objective
from twinbench.analysis.climbs import climb
from twinbench.load.arrivals import poisson_times, stepped
from twinbench.results.schema import REQUESTS
from twinbench.results.store import table_of

STEP_S = 20.0
WARMUP_S = 5.0
OBJECTIVE = Objective(limit_ms=200.0)


def requests(rates: list[float], *, service_s: float, failing_from: float = 1e9) -> pa.Table:
    """One server, first come, first served, each request for `service_s`."""
    random = np.random.default_rng(3)
    course = (*stepped([rates[0]], WARMUP_S), *stepped(rates, STEP_S))
    arrivals = poisson_times(course, random)
    free, rows = 0.0, []
    for number, at in enumerate(arrivals.tolist()):
        free = max(free, at) + service_s
        bad = at >= failing_from
        rows.append(
            {
                "trial": 1, "journey_id": number, "journey": "probe", "step": 0,
                "request": "probe", "intended_ns": round(at * 1e9), "sent_ns": round(at * 1e9),
                "finished_ns": round(free * 1e9), "status": 500 if bad else 200, "bytes": 1,
                "replica": None, "error": "status 500" if bad else None,
            }
        )  # fmt: skip
    return table_of(rows, REQUESTS)


def climbed(rates: list[float], **server: float) -> tuple[float | None, bool]:
    found = climb(
        requests(rates, **server),
        rates=rates,
        step_s=STEP_S,
        warmup_s=WARMUP_S,
        objective=OBJECTIVE,
    )
    assert [step.rate for step in found.steps] == rates
    return found.capacity, found.whole


def test_the_highest_rate_below_the_knee_is_found() -> None:
    """M/D/1 with 20 ms: at 38/s requests wait 0.03 s on average, and 50/s cannot be served."""
    assert climbed([20.0, 30.0, 38.0, 60.0, 80.0], service_s=0.02) == (38.0, False)


def test_all_met_is_a_lower_bound() -> None:
    assert climbed([5.0, 10.0, 20.0], service_s=0.02) == (20.0, True)


def test_none_met_is_no_capacity() -> None:
    assert climbed([10.0, 20.0], service_s=0.3) == (None, False)


def test_errors_end_a_climb_as_waiting_does() -> None:
    found = climbed([5.0, 10.0, 20.0], service_s=0.01, failing_from=WARMUP_S + STEP_S)
    assert found == (5.0, False)


@pytest.mark.parametrize("limit_ms", [100.0, 400.0])
def test_the_objective_decides(limit_ms: float) -> None:
    """Each request takes 150 ms, and there is next to no queue."""
    table = requests([0.5, 1.0], service_s=0.15)
    objective = Objective(percentile=50.0, limit_ms=limit_ms)
    found = climb(table, rates=[0.5, 1.0], step_s=STEP_S, warmup_s=WARMUP_S, objective=objective)
    assert (found.capacity is not None) == (limit_ms > 150)
