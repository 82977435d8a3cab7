"""One stack for all tests here: built, started with every profile, and removed at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.compose.engine.docker import Stack

HERE = Path(__file__).parent
SECONDS = pytest.StashKey[float]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.compose)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Told, not judged: a busy machine is no fault of the file's."""
    if SECONDS in config.stash:
        seconds = config.stash[SECONDS]
        terminalreporter.write_line(f"both arms were healthy {seconds:.0f} s after `up`")


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that is up."""

    stack: Stack
    containers: dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def running(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Running]:
    stack = Stack.prepare(tmp_path_factory.mktemp("stack"))
    try:
        stack.compose("build", profiles=("*",))
        pytestconfig.stash[SECONDS] = stack.up()
        stack.up("*")
        yield Running(stack, stack.containers())
    finally:
        stack.down()
        stack.remove_images()
