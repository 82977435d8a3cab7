"""Options of the suites that drive running arms."""

import pytest

from driver.arms import add_options


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)
    group = parser.getgroup("twinbench")
    group.addoption(
        "--steps",
        type=int,
        default=2000,
        help="differential: requests to compare, at least (default %(default)s)",
    )
    group.addoption(
        "--seed",
        type=int,
        default=1,
        help="differential and schema: where the random histories start (default %(default)s)",
    )
    group.addoption(
        "--cases",
        type=int,
        default=10,
        help="schema: generated cases per operation and phase (default %(default)s)",
    )
