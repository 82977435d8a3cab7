"""Parts, steps and dependencies, by hand and by what counts them."""

from pathlib import Path

from twinbench.experiments.simplicity.counting import Rules
from twinbench.experiments.simplicity.dependencies import Dependencies, dependencies_of
from twinbench.experiments.simplicity.parts import connections, parts_of, steps_of
from twinbench.topology import load

PROJECT = """\
[project]
name = "one"
dependencies = ["FastAPI>=0.1,<1", "psycopg[binary]>=3", {more}]
"""


def project(folder: Path, name: str, more: str, *locked: str) -> Path:
    own = folder / name
    own.mkdir()
    (own / "pyproject.toml").write_text(PROJECT.format(more=more))
    lines = [f"{one} \\\n    --hash=sha256:00" for one in locked]
    (own / "requirements.lock").write_text("\n".join(lines))
    return own


def test_dependencies_over_two_locks(tmp_path: Path) -> None:
    one = project(tmp_path, "one", '"redis>=1"', "fastapi==0.2", "psycopg-binary==3.1 ; x < '3'")
    two = project(tmp_path, "two", "", "fastapi==0.3", "psycopg_binary==3.1", "redis==2")
    assert dependencies_of([one]) == Dependencies(1, 3, 2, 2, 0, 1)
    assert dependencies_of([one, two]) == Dependencies(
        locks=2, direct=3, packages=3, locked=5, unlike=1, most=2
    )


def test_parts_of_the_arms() -> None:
    shop = load(variables={})
    found = {arm: {row[:2]: row[2] for row in parts_of(shop, arm)} for arm in shop.arms}
    assert {arm: found[arm]["components", "app"] for arm in ("monolith", "modulith")} == {
        "monolith": 3, "modulith": 1,
    }  # fmt: skip
    assert found["microservices"]["components", "database"] == 8
    assert found["microservices"]["ports", ""] == 18
    assert found["monolith"]["settings", ""] > found["modulith"]["settings", ""]


def test_connections_are_addresses_that_somebody_is_told() -> None:
    found = set(connections(load(variables={}), "microservices"))
    assert ("orders", "payments") in found
    assert ("payments", "acquirer") in found
    assert ("microservices-gateway", "cart") in found
    assert ("orders", "orders-db") in found
    assert not any(caller == "orders-migrate" for caller, _ in found)


def test_steps_by_hand() -> None:
    shop, rules = load(variables={}), Rules.read()
    found = {what: count for _, what, count in steps_of(shop, "monolith", rules)}
    assert found == {
        "make an environment": 1,
        "make a secret": 5,
        "make a role and its database": 1,
        "migrate": 1,
        "start a server": 6,
    }
