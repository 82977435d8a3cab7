import math

import pytest

from twinbench.analysis.deployment_queue import Durations, a_day
from twinbench.analysis.deployments import Deployments
from twinbench.analysis.team_lines import curves

BUSY = {"monolith": (4.0, 6.0), "microservices": (3.0, 3.0)}


def test_curves_are_days_of_more_and_more_teams() -> None:
    found = Deployments(rates={}, kinds=(), best={}, busy_s=BUSY)
    drawn = curves(found, teams=(1, 20), changes_each=(3.0,), pipelines_s=(0.0, 600.0))
    assert [(one.arm, one.pipeline_s) for one in drawn] == [
        ("monolith", 0.0), ("monolith", 600.0), ("microservices", 0.0), ("microservices", 600.0),
    ]  # fmt: skip
    monolith, services = drawn[1], drawn[3]
    day = a_day(
        teams=20, changes_each=3.0, durations=Durations.of(BUSY["monolith"], pipeline_s=600.0),
        lines=1, policy="together",
    )  # fmt: skip
    assert monolith.wait_s[1] == pytest.approx(day.wait_s)
    assert monolith.collisions[1] == pytest.approx(day.collisions)
    assert monolith.low[1] < monolith.wait_s[1] < monolith.high[1]
    # A line of its own for each team: more teams wait no longer.
    assert services.wait_s[0] == pytest.approx(services.wait_s[1])
    assert services.low == services.high
    assert all(math.isfinite(wait) for one in drawn for wait in one.wait_s)
