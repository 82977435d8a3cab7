from collections.abc import Iterator

import pytest

from twinbench.load.generator import Generator


@pytest.fixture(scope="package")
def generator() -> Iterator[Generator]:
    with Generator() as running:
        yield running
