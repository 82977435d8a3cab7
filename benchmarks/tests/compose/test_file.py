"""What `docker-compose.yml` promises, as far as the file alone can tell; no engine is asked."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from twinbench.paths import CHECKOUT, TOPOLOGY_FILE
from twinbench.topology import Kind, load

SCHEMA = Path(__file__).parent / "schema" / "compose-spec.json"
MEBIBYTES = {"m": 1, "g": 1024}
ARMS = ("monolith", "microservices", "modulith", "groups")


@cache
def document() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load(TOPOLOGY_FILE.read_text())
    return raw


def services() -> Mapping[str, dict[str, Any]]:
    return dict(document()["services"])


def mebibytes(arm: str, *kinds: Kind) -> int:
    """What the arm's components of these kinds may use together."""
    names = [c.name for c in load(variables={}).of_arm(arm) if c.kind in kinds]
    limits = [services()[name]["mem_limit"] for name in names]
    return sum(int(limit[:-1]) * MEBIBYTES[limit[-1]] for limit in limits)


def test_the_file_passes_the_published_schema() -> None:
    schema = json.loads(SCHEMA.read_text())
    problems = Draft7Validator(schema).iter_errors(document())
    assert [f"{'/'.join(map(str, p.path))}: {p.message}" for p in problems] == []


@pytest.mark.parametrize("name", services())
def test_every_service_is_hardened_and_limited(name: str) -> None:
    service = services()[name]
    assert service["user"] == "${TWINBENCH_UID:-999}:${TWINBENCH_GID:-999}"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "mem_limit", "pids_limit", "tmpfs", "logging", "networks"} <= service.keys()
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert all(not name.upper().endswith(("PASSWORD", "SECRET")) for name in environment(service))


def environment(service: Mapping[str, Any]) -> Mapping[str, Any]:
    variables: Mapping[str, Any] = service.get("environment", {})
    return variables


def test_whatever_stays_up_has_a_health_check() -> None:
    shop = load(variables={})
    jobs = {c.name for c in shop.components.values() if c.kind is Kind.JOB}
    assert {name for name, one in services().items() if "healthcheck" not in one} == jobs


@pytest.mark.parametrize("arm", ARMS)
def test_what_is_declared_is_the_same_for_every_arm(arm: str) -> None:
    assert mebibytes(arm, Kind.APP) == 4096
    assert mebibytes(arm, Kind.DATABASE) == 4096
    assert mebibytes(arm, Kind.GATEWAY) == 512
    assert len({str(services()[c.name]["cpus"]) for c in load(variables={}).of_arm(arm)}) == 1


def test_no_two_databases_of_services_share_a_network() -> None:
    shop = load(variables={})
    databases = [c.name for c in shop.components.values() if c.kind is Kind.DATABASE]
    networks = [network for name in databases for network in services()[name]["networks"]]
    assert len(networks) == len(set(networks)) == len(databases)
    assert all(document()["networks"][network] == {"internal": True} for network in networks)


def test_each_app_shares_a_network_with_its_own_database_alone() -> None:
    shop = load(variables={})
    for app in (c for c in shop.components.values() if c.kind is Kind.APP):
        mine = set(services()[app.name]["networks"])
        reached = {
            c.name
            for c in shop.components.values()
            if c.kind is Kind.DATABASE and mine & set(services()[c.name]["networks"])
        }
        apart = app.arm in {"microservices", "groups"}
        own = f"{app.name}-db" if apart else f"{app.arm}-db"
        assert reached == ({own} if app.arm in ARMS else set())


def test_no_dockerfile_needs_another_frontend_than_the_builders_own() -> None:
    other = {".venv", "node_modules", "tests"}
    files = [f for f in CHECKOUT.glob("*/**/Dockerfile") if not other & set(f.parts)]
    assert len(files) == 17
    for file in files:
        text = file.read_text()
        assert not text.startswith("# syntax")
        # These it has known since Engine 20.10.
        assert set(re.findall(r"--mount=type=(\w+)", text)) <= {"cache"}
        assert "USER 999:999" in text
        assert 'org.opencontainers.image.revision="$REVISION"' in text
