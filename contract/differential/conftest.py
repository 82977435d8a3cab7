"""The run's arms, and its account of what was compared."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from differential.world import Tally
from driver.arms import arms, credentials
from driver.preflight import require_usable
from driver.shop import Shop

TALLY = pytest.StashKey[Tally]()


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[TALLY] = Tally()
    found = arms(session.config)
    if len(found) == 1:
        raise pytest.UsageError("differential: one arm cannot differ; give --arm at least twice")
    require_usable(session.config)


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    return pytestconfig.stash[TALLY]


@pytest.fixture(scope="session")
def shops(pytestconfig: pytest.Config) -> Iterator[list[Shop]]:
    opened = [Shop(arm, credentials(pytestconfig)) for arm in arms(pytestconfig)]
    yield opened
    for shop in opened:
        shop.close()


@pytest.fixture(scope="session")
def pool(shops: list[Shop]) -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(len(shops)) as executor:
        yield executor


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    tally = config.stash[TALLY]
    names = ", ".join(arm.name for arm in arms(config))
    statuses = ", ".join(f"{count} x {status}" for status, count in sorted(tally.by_status.items()))
    terminalreporter.write_sep("-", "differential")
    terminalreporter.write_line(
        f"arms: {names}; seed {config.getoption('--seed')}; {tally.histories} histories; "
        f"{tally.steps} steps compared, {tally.differences} differences"
    )
    terminalreporter.write_line(f"answers: {statuses}")
