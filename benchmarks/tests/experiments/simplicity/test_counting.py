"""Lines by kind, by hand and by the counter."""

from pathlib import Path

import pytest

from twinbench.experiments.simplicity.counting import (
    CountingError,
    Rules,
    folders_of,
    lines_of,
    plain_lines,
    projects_of,
    python_lines,
    topology_lines,
    tracked_files,
)
from twinbench.topology import load

SOURCE = '''\
"""Documentation of the module,
over two lines."""

import os  # counts: there is code before the comment


def greet(name: str) -> str:
    """Documentation."""
    # a comment
    text = (
        "Hello, "
        f"{name}"
    )
    return """a string
    that is a value
    """ + text + os.sep
'''
COMPOSE = """\
x-shared: &shared
  restart: unless-stopped
services:
  one:
    <<: *shared
    command: run it

  # ---- another
  two:
    command: >-
      run
      that
networks: {}
"""


def test_lines_of_python_hold_code() -> None:
    # import, def, four of text, three of return
    assert python_lines(SOURCE) == 9


def test_other_lines_are_neither_empty_nor_comments() -> None:
    assert plain_lines(["[tool]", "", "  # why", 'name = "x"  # here']) == 2


def test_services_count_without_what_they_share(tmp_path: Path) -> None:
    file = tmp_path / "docker-compose.yml"
    file.write_text(COMPOSE)
    assert topology_lines(file, ["one"]) == 3
    assert topology_lines(file, ["two"]) == 4
    assert topology_lines(file, ["one", "two"]) == 7


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("monolith/shop/orders/services.py", "business"),
        ("monolith/shop/platform/outbox.py", "infrastructure"),
        ("monolith/config/settings.py", "configuration"),
        ("monolith/shop/orders/migrations/0001_initial.py", "business"),
        ("monolith/tests/orders/test_api.py", "tests"),
        ("microservices/kit/kit/app.py", "infrastructure"),
        ("microservices/orders/orders/clients.py", "business"),
        ("microservices/orders/orders/bootstrap.py", "infrastructure"),
        ("microservices/orders/orders/settings.py", "configuration"),
        ("microservices/orders/migrations/env.py", "infrastructure"),
        ("microservices/orders/requirements.lock", "none"),
        ("microservices/modulith/modulith/clients/orders.py", "business"),
        ("microservices/modulith/modulith/delivery.py", "infrastructure"),
    ],
)
def test_a_path_has_a_kind(path: str, kind: str) -> None:
    assert Rules.read().kind_of(path) == kind


def test_a_path_without_a_rule_is_named() -> None:
    with pytest.raises(CountingError, match=r"what kind of code acquirer/x\.txt is"):
        Rules.read().kind_of("acquirer/x.txt")


def test_every_file_of_every_arm_has_a_kind() -> None:
    shop, rules = load(variables={}), Rules.read()
    files = tracked_files(shop.folder)
    found = {arm: lines_of(shop, arm, files, rules) for arm in shop.arms}
    for lines in found.values():
        assert all(lines.values())
    # The modulith is the services' code and a little more, less what lets each stand alone.
    more, less = found["modulith"], found["microservices"]
    assert more["business"] > less["business"]
    assert more["tests"] > less["tests"]
    assert more["configuration"] < less["configuration"]


def test_the_contract_is_no_arms_own() -> None:
    shop, rules = load(variables={}), Rules.read()
    for arm in shop.arms:
        assert "contract" not in folders_of(shop, arm, rules)
    assert projects_of(shop, "monolith", rules) == ("monolith",)
    assert projects_of(shop, "modulith", rules) == ("microservices/modulith",)
    assert len(projects_of(shop, "microservices", rules)) == 8
    assert len(folders_of(shop, "microservices", rules)) == 9
