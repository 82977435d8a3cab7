"""Bad input is one clear line."""

from pathlib import Path

import pytest

from twinbench.commands.asking import (
    Asked,
    arms_of,
    budget_of,
    capacity_settings,
    profile_of,
    usual_arms,
)
from twinbench.errors import TwinbenchError
from twinbench.experiments.budgets import Budget

ARMS = ("monolith", "modulith", "microservices")


def test_arms_are_in_the_order_of_the_topology() -> None:
    assert arms_of(None, ARMS) == ARMS
    assert arms_of("microservices, monolith", ARMS) == ("monolith", "microservices")
    with pytest.raises(TwinbenchError, match="unknown arm 'mono': choose from monolith, modulith"):
        arms_of("mono", ARMS)


def test_variants_are_measured_where_they_are_named() -> None:
    assert usual_arms(Asked()) == ("monolith", "microservices", "modulith")
    assert usual_arms(Asked(arms="groups,monolith")) == ("monolith", "groups")


def test_searches_are_by_the_objective_that_was_asked_for() -> None:
    default = capacity_settings(Asked(), ARMS, Path())
    loose = capacity_settings(Asked(within=2000.0), ARMS, Path())
    assert (default.objective["limit_ms"], loose.objective["limit_ms"]) == (200.0, 2000.0)


def test_rates_replace_those_of_the_profile() -> None:
    profile = profile_of("standard", [30, 10, 30])
    assert (profile.rates, profile.levels) == ((10, 30), ())
    assert profile_of("standard", None).levels


@pytest.mark.parametrize(
    ("name", "rates", "complaint"),
    [
        ("fast", None, "unknown profile 'fast': choose from smoke, quick, standard, full"),
        ("quick", [0.0], "a rate must be above 0"),
        ("quick", [float("nan")], "a rate must be above 0"),
        ("quick", [0.5], "0.5 journeys per second are too few to measure in 5.5 s"),
    ],
)
def test_profiles_and_rates_that_make_no_sense(
    name: str, rates: list[float] | None, complaint: str
) -> None:
    with pytest.raises(TwinbenchError, match=complaint):
        profile_of(name, rates)


def test_budgets() -> None:
    asked = Asked(cpus=1.5, memory="1.5 GB", partition="even")
    assert budget_of(asked) == Budget(1.5, 1_500_000_000, "even")
    assert budget_of(Asked(memory="512MiB")).memory_bytes == 512 * 2**20
    assert budget_of(Asked()) == Budget()


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (Asked(cpus=0), "--cpus must be 0.1 or more"),
        (Asked(memory="much"), "--memory 'much' is no size: write 900MB or 2GB"),
        (Asked(memory="1MB"), "an arm needs 64 MB at least"),
        (Asked(partition="fair"), "unknown partition 'fair': choose from shared, even"),
    ],
)
def test_budgets_that_make_no_sense(asked: Asked, complaint: str) -> None:
    with pytest.raises(TwinbenchError, match=complaint):
        budget_of(asked)


def test_precision_is_in_per_cent() -> None:
    assert Asked(precision=5).share == 0.05
    with pytest.raises(TwinbenchError, match="in per cent"):
        _ = Asked(precision=0).share
