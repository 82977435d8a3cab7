"""Every test runs once per arm; every answer must also be one that openapi.yaml describes."""

from collections.abc import Iterator

import pytest

from driver.arms import Arm, arms, credentials
from driver.http import Caller
from driver.openapi import check
from driver.preflight import require_usable
from driver.shop import Customer, Shop


def pytest_sessionstart(session: pytest.Session) -> None:
    require_usable(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "arm" in metafunc.fixturenames:
        found = arms(metafunc.config)
        metafunc.parametrize("arm", found, ids=[arm.name for arm in found], scope="session")


@pytest.fixture(scope="session")
def shop(arm: Arm, request: pytest.FixtureRequest) -> Iterator[Shop]:
    opened = Shop(arm, credentials(request.config), check)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def anonymous(shop: Shop) -> Caller:
    return shop.anonymous


@pytest.fixture(scope="session")
def staff(shop: Shop) -> Caller:
    return shop.staff


@pytest.fixture
def customer(shop: Shop) -> Customer:
    """A customer of one's own: nothing in the cart, nothing ordered."""
    return shop.register()


@pytest.fixture(scope="session")
def bystander(shop: Shop) -> Customer:
    """A customer for calls that change nothing of theirs."""
    return shop.register(name="Bystander")
