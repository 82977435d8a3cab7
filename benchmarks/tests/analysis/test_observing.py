import math

import pytest

from tests.analysis.test_samples import hand_made_rows
from twinbench.analysis.capacity import Objective, Observation, Probe
from twinbench.analysis.observing import observe
from twinbench.load.recorder import requests_table
from twinbench.results.schema import REQUESTS

PROBE = Probe(10.0, confirming=True)


def test_a_trial_is_seen_over_all_its_requests() -> None:
    """In the window: 100, 250 and 500 ms, one that failed and one that never ended."""
    table = requests_table(hand_made_rows(), trial=1, origin=0.0)
    for percentile, latency in ((50.0, 250.0), (75.0, 500.0), (95.0, math.inf)):
        objective = Objective(percentile=percentile)
        seen = observe(table, PROBE, warmup_s=2, measure_s=6, valid=True, objective=objective)
        assert seen.latency_ms == pytest.approx(latency)
        assert seen.error_share == pytest.approx(2 / 5)
        assert (seen.rate, seen.valid, seen.confirming) == (10.0, True, True)


def test_a_trial_without_an_answer_never_answers() -> None:
    nothing = REQUESTS.empty_table()
    seen = observe(nothing, PROBE, warmup_s=2, measure_s=6, valid=False, objective=Objective())
    assert seen == Observation(10.0, math.inf, 0.0, False, True)
