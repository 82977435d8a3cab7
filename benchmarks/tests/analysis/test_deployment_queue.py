"""The formulas of deployments that wait for each other, against a simulation of teams."""

import math

import pytest

from tests.analysis.deployment_simulation import simulate
from twinbench.analysis.deployment_queue import (
    DAY_S,
    POLICIES,
    Durations,
    Policy,
    a_day,
    wait_alone,
    wait_together,
)

AGREEMENT = 0.02
VARIED = (20.0, 30.0, 40.0, 130.0)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize(("teams", "lines"), [(6, 1), (8, 4)])
@pytest.mark.parametrize("load", [0.15, 0.6])
@pytest.mark.parametrize("seconds", [(45.0,), VARIED])
def test_formulas_and_simulation_agree(
    policy: Policy, teams: int, lines: int, load: float, seconds: tuple[float, ...]
) -> None:
    durations = Durations(seconds)
    rate_each = load / durations.mean * lines / teams
    day = a_day(
        teams=teams, changes_each=rate_each * DAY_S, durations=durations, lines=lines, policy=policy
    )
    found = simulate(
        teams=teams, lines=lines, rate_each=rate_each, seconds=seconds,
        together=policy == "together", changes=600_000, seed=7,
    )  # fmt: skip
    assert day.wait_s == pytest.approx(found.wait_s, rel=AGREEMENT)
    assert day.collisions / day.changes == pytest.approx(found.collided, rel=AGREEMENT)
    assert day.deployments / day.changes == pytest.approx(found.deployments, rel=AGREEMENT)


def test_a_line_that_only_grows_has_no_mean_wait() -> None:
    durations = Durations((60.0,))
    assert math.isinf(wait_alone(1 / 60, durations).wait_s)
    assert wait_together(1 / 60, durations).wait_s < 60


def test_together_a_busy_line_deploys_without_pause_and_waits_half_a_deployment() -> None:
    found = wait_together(10.0, Durations((60.0,)))
    assert found.busy == pytest.approx(1.0)
    assert found.wait_s == pytest.approx(30.0)
    assert found.deployments == pytest.approx(1 / 600)


def test_what_fails_takes_its_own_time_in_its_share() -> None:
    durations = Durations.of([10.0, 20.0], [100.0], failing=0.1, pipeline_s=5.0)
    assert durations.mean == pytest.approx(0.9 * 15 + 0.1 * 100 + 5)
    assert Durations.of([10.0]).seconds == (10.0,) * 100


@pytest.mark.parametrize("good", [[], [0.0], [-1.0]])
def test_a_deployment_takes_some_time(good: list[float]) -> None:
    with pytest.raises(ValueError, match="some time"):
        Durations(tuple(good))


def test_shares_and_days_are_checked() -> None:
    with pytest.raises(ValueError, match="share"):
        Durations.of([1.0], failing=0.5)
    with pytest.raises(ValueError, match="a team"):
        a_day(teams=0, changes_each=1, durations=Durations((1.0,)), lines=1, policy="alone")
