"""Who reaches whom: tried from inside."""

import json
from http.client import HTTPConnection
from typing import Any

import pytest

from tests.compose.engine.conftest import Running
from tests.compose.engine.docker import GATEWAYS, docker
from twinbench.topology import Component, Kind, load

TRY_ALL = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def opens(target):
    try:
        socket.create_connection(target, timeout=2).close()
    except OSError:
        return False
    return True
targets = [tuple(target) for target in json.loads(sys.argv[1])]
with ThreadPoolExecutor(len(targets)) as pool:
    print(json.dumps(list(pool.map(opens, targets))))
"""
PORTS = {Kind.DATABASE: 5432, Kind.CACHE: 6379}


def components(*kinds: Kind) -> list[Component]:
    return [c for c in load(variables={}).components.values() if c.kind in kinds]


def addresses(container: dict[str, Any]) -> list[str]:
    return [one["IPAddress"] for one in container["NetworkSettings"]["Networks"].values()]


def reached(running: Running, app: str, stores: list[Component]) -> set[str]:
    """Those of the stores that a connection opens to, by name or by any of their addresses."""
    targets = [
        (store.name, (where, PORTS[store.kind]))
        for store in stores
        for where in (store.name, *addresses(running.containers[store.name]))
    ]
    argument = json.dumps([target for _, target in targets])
    container = running.containers[app]["Id"]
    answers = json.loads(docker("exec", container, "python", "-c", TRY_ALL, argument))
    return {name for (name, _), opened in zip(targets, answers, strict=True) if opened}


@pytest.mark.parametrize("app", [c.name for c in components(Kind.APP)])
def test_an_app_reaches_its_own_database_and_broker_alone(running: Running, app: str) -> None:
    component = load(variables={}).components[app]
    own: dict[str, set[str]] = {
        "monolith": {"monolith-db", "monolith-broker"},
        "microservices": {f"{app}-db", "microservices-broker"},
        "modulith": {"modulith-db"},
        "groups": {f"{app}-db", "groups-broker"},
    }
    stores = components(Kind.DATABASE, Kind.CACHE)
    assert reached(running, app, stores) == own.get(component.arm, set())


@pytest.mark.parametrize("arm", GATEWAYS)
@pytest.mark.parametrize("path", ["/internal", "/internal/products", "/api/v1/../../internal/x"])
def test_internal_paths_do_not_exist_for_the_gateway(running: Running, arm: str, path: str) -> None:
    connection = HTTPConnection("127.0.0.1", running.stack.ports[GATEWAYS[arm]], timeout=10)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 404
    assert json.loads(answer.read())["type"] == "not-found"
    connection.close()


@pytest.mark.parametrize("arm", GATEWAYS)
def test_every_arm_sells(running: Running, arm: str) -> None:
    connection = HTTPConnection("127.0.0.1", running.stack.ports[GATEWAYS[arm]], timeout=10)
    connection.request("GET", "/api/v1/products?limit=3")
    assert len(json.loads(connection.getresponse().read())["items"]) == 3
    connection.close()


def test_the_notebooks_ask_for_the_token(running: Running) -> None:
    token = (running.stack.secrets / "jupyter-token").read_text()
    statuses = []
    for query in ("", f"?token={token}"):
        connection = HTTPConnection("127.0.0.1", running.stack.ports["NOTEBOOKS_PORT"], timeout=30)
        connection.request("GET", f"/api/contents{query}")
        statuses.append(connection.getresponse().status)
        connection.close()
    assert statuses == [403, 200]


@pytest.mark.parametrize("variable", ["MONOLITH_LOCUST_PORT", "MICROSERVICES_LOCUST_PORT"])
def test_locust_has_its_page_on_both_arms(running: Running, variable: str) -> None:
    connection = HTTPConnection("127.0.0.1", running.stack.ports[variable], timeout=30)
    connection.request("GET", "/")
    answer = connection.getresponse()
    assert answer.status == 200
    assert b"Locust" in answer.read()
    connection.close()
