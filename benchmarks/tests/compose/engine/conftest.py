"""One stack for all tests here: built, started with every profile, and removed at the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.compose.engine.docker import Stack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.compose)


@dataclass(frozen=True, slots=True)
class Running:
    """A stack that is up, and how long both arms took to be healthy."""

    stack: Stack
    seconds: float
    containers: dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    stack = Stack.prepare(tmp_path_factory.mktemp("stack"))
    try:
        stack.compose("build", profiles=("*",))
        seconds = stack.up()
        stack.up("*")
        yield Running(stack, seconds, stack.containers())
    finally:
        stack.down()
        stack.remove_images()
