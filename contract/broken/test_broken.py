"""Each broken rule is caught by the random histories and by the scenario about it."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from broken.breaks import BREAKS, CAUGHT_BY
from broken.proxy import broken_arm, honest
from differential.run import Comparison
from differential.world import DifferenceError, Tally
from driver.arms import Arm, credentials
from driver.shop import Shop

PROJECT: Final = Path(__file__).parent.parent
ENOUGH: Final = 2000
EVERY: Final = pytest.mark.parametrize("name", BREAKS)


@pytest.fixture
def broken(name: str, victim: Arm, insider: Shop) -> Iterator[Arm]:
    with broken_arm(victim, BREAKS[name](insider)) as arm:
        yield arm


def differ(sound: Shop, arm: Arm, config: pytest.Config, steps: int) -> Tally:
    tally = Tally()
    other = Shop(arm, credentials(config))
    try:
        with ThreadPoolExecutor(2) as pool:
            comparison = Comparison([sound, other], pool, tally)
            seed = config.getoption("--seed")
            comparison.run(steps=steps, seed=seed, shrink_within=0)
    except DifferenceError:
        assert tally.differences == 1
    finally:
        other.close()
    return tally


def scenarios_at(
    arm: Arm, scenarios: Iterable[str], config: pytest.Config
) -> "subprocess.CompletedProcess[str]":
    """Status 0 when all of them pass, 1 when one fails."""
    staff = credentials(config)
    command = [
        *(sys.executable, "-m", "pytest", "-q", "-x"),
        *(f"conformance/{scenario}" for scenario in scenarios),
        *("--arm", f"{arm.name}={arm.url}", "-p", "no:cacheprovider"),
        *("--staff-email", staff.email, "--staff-password", staff.password),
    ]
    return subprocess.run(  # noqa: S603 - a command of our own
        command, cwd=PROJECT, capture_output=True, text=True, check=False
    )


def test_every_break_has_its_scenario() -> None:
    assert BREAKS.keys() == CAUGHT_BY.keys()


@EVERY
def test_histories_differ(name: str, broken: Arm, sound: Shop, pytestconfig: pytest.Config) -> None:
    tally = differ(sound, broken, pytestconfig, ENOUGH)
    assert tally.differences == 1, f"{name} went unnoticed for {tally.steps} steps"


@EVERY
def test_scenario_fails(name: str, broken: Arm, pytestconfig: pytest.Config) -> None:
    finished = scenarios_at(broken, [CAUGHT_BY[name]], pytestconfig)
    assert finished.returncode == 1, finished.stdout + finished.stderr


def test_an_honest_proxy_goes_unnoticed(
    victim: Arm, sound: Shop, pytestconfig: pytest.Config
) -> None:
    """So that it is the broken rule that is caught above, not the proxy."""
    with broken_arm(victim, honest) as arm:
        assert differ(sound, arm, pytestconfig, 150).differences == 0
        scenarios = sorted(set(CAUGHT_BY.values()) - {CAUGHT_BY["quantity_limit"]})
        finished = scenarios_at(arm, scenarios, pytestconfig)
        assert finished.returncode == 0, finished.stdout + finished.stderr
