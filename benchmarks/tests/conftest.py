"""What every test of the workbench starts from."""

import signal

import pytest

# A runner in the background of a shell ignores Ctrl-C, and so would the programs under test, which
# inherit that. A handler of our own is not inherited: they start with the default.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=("process", "compose"),
        default="process",
        help="Which engine the tests in tests/engine run; compose needs Docker and our images.",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "only_on(engine): says nothing about the other engine")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Each engine has its own command, so what is of the other one is no skipped test of this."""
    chosen: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        marks = [mark.args[0] for mark in item.iter_markers("only_on")]
        fits = all(name == config.getoption("--engine") for name in marks)
        (chosen if fits else others).append(item)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = chosen
