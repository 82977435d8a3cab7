"""Two arms: one to compare with, one to break."""

from collections.abc import Iterator

import pytest

from driver.arms import Arm, arms, credentials
from driver.preflight import require_usable
from driver.shop import Shop


def pytest_sessionstart(session: pytest.Session) -> None:
    if len(arms(session.config)) == 1:
        raise pytest.UsageError("broken: one arm is broken, another compared; give --arm twice")
    require_usable(session.config)


@pytest.fixture(scope="session")
def sound(pytestconfig: pytest.Config) -> Iterator[Shop]:
    """The arm that stays as it is."""
    shop = Shop(arms(pytestconfig)[0], credentials(pytestconfig))
    yield shop
    shop.close()


@pytest.fixture(scope="session")
def victim(pytestconfig: pytest.Config) -> Arm:
    """The arm behind the proxy."""
    return arms(pytestconfig)[-1]


@pytest.fixture(scope="session")
def insider(victim: Arm, pytestconfig: pytest.Config) -> Iterator[Shop]:
    """Staff at the victim's own gateway, for breaks that need a hand inside."""
    shop = Shop(victim, credentials(pytestconfig))
    yield shop
    shop.close()
