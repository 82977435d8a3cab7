"""The arms to run schemathesis against."""

import pytest

from driver.arms import arms
from driver.preflight import require_usable

SUMMARIES = pytest.StashKey[list[str]]()


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.stash[SUMMARIES] = []
    require_usable(session.config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "arm" in metafunc.fixturenames:
        found = arms(metafunc.config)
        metafunc.parametrize("arm", found, ids=[arm.name for arm in found])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    terminalreporter.write_sep("-", "schemathesis")
    for line in config.stash[SUMMARIES]:
        terminalreporter.write_line(line)


@pytest.fixture
def summaries(pytestconfig: pytest.Config) -> list[str]:
    """What each run reports at the end of the session."""
    return pytestconfig.stash[SUMMARIES]
