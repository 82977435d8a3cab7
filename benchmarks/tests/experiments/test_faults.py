"""What each fault comes to in each arm, by the topology; and how arms are made ready for it."""

from collections.abc import Mapping
from typing import cast

import pytest

from tests.experiments.test_latency import Notes
from twinbench.engines.protocol import Engine
from twinbench.experiments.breaking import breakable, why_not
from twinbench.experiments.fault_profiles import RESILIENCE_PROFILES
from twinbench.experiments.faults import FAULTS, place_of
from twinbench.experiments.promises import promise_of
from twinbench.experiments.switchboards import switchable
from twinbench.topology import Kind, load

TOPOLOGY = load()
PLACES = [
    ("hang: recommendations", "monolith-web", "recommendations", "modulith-web"),
    ("SIGKILL: orders", "monolith-web", "orders", "modulith-web"),
    ("down: database", "monolith-db", "catalog-db", "modulith-db"),
    ("slow: acquirer", "acquirer", "acquirer", "acquirer"),
    ("cut: broker", "monolith-broker", "microservices-broker", None),
    ("SIGKILL: database of orders", "monolith-db", "orders-db", "modulith-db"),
    ("SIGKILL: worker", "monolith-worker", None, None),
    ("SIGSTOP: gateway", "monolith-gateway", "microservices-gateway", "modulith-gateway"),
]


@pytest.mark.parametrize(("fault", "monolith", "microservices", "modulith"), PLACES)
def test_a_fault_strikes_a_like_part_of_each_arm(
    fault: str, monolith: str, microservices: str, modulith: str | None
) -> None:
    found = [place_of(TOPOLOGY, arm, FAULTS[fault]) for arm in TOPOLOGY.usual_arms]
    assert [one and one.component for one in found] == [monolith, microservices, modulith]


def test_every_fault_has_a_place_or_a_reason() -> None:
    for arm in TOPOLOGY.usual_arms:
        for fault in FAULTS.values():
            reason = why_not("process", TOPOLOGY, arm, fault)
            assert (reason is None) or reason == f"{arm} has no {fault.role}"


def test_every_part_of_an_arm_is_killed_by_some_fault() -> None:
    kills = [fault for fault in FAULTS.values() if fault.kind == "SIGKILL"]
    for arm in TOPOLOGY.usual_arms:
        places = [place_of(TOPOLOGY, arm, fault) for fault in kills]
        killed = {place.component for place in places if place is not None}
        assert killed == {one.name for one in TOPOLOGY.of_arm(arm) if one.kind is not Kind.JOB}


def test_the_proxy_is_refused_where_containers_could_not_reach_it() -> None:
    reason = why_not("compose", TOPOLOGY, "monolith", FAULTS["down: database"])
    assert reason == "containers have no way to a proxy on this machine: use --engine process"
    assert why_not("compose", TOPOLOGY, "monolith", FAULTS["hang: orders"]) is None


def test_every_app_that_serves_can_have_a_switchboard() -> None:
    assert switchable(TOPOLOGY, "monolith") == ("monolith-web",)
    assert switchable(TOPOLOGY, "modulith") == ("modulith-web",)
    services = {"accounts", "cart", "catalog", "inventory", "notifications", "orders"}
    assert set(switchable(TOPOLOGY, "microservices")) == services | {"payments", "recommendations"}


def test_profiles_name_faults_that_there_are() -> None:
    for profile in RESILIENCE_PROFILES.values():
        assert set(profile.faults) <= set(FAULTS)
        assert len(set(profile.faults)) == len(profile.faults)
        assert profile.fault_s < profile.measure_s
    assert set(RESILIENCE_PROFILES["full"].faults) == set(FAULTS)


def test_unreachable_stock_is_promised_of_where_it_can_be_unreachable() -> None:
    assert promise_of(FAULTS["SIGSTOP: inventory"], "inventory") is not None
    assert promise_of(FAULTS["SIGSTOP: inventory"], "monolith-web") is None
    assert promise_of(FAULTS["error: inventory"], "inventory") is None
    assert promise_of(FAULTS["down: broker"], "monolith-broker") is not None
    assert promise_of(FAULTS["SIGKILL: orders"], "orders") is None


class Recorder:
    """An engine that only notes what is started anew, and with what."""

    name = "process"

    def __init__(self) -> None:
        self.changes: list[tuple[str, dict[str, str]]] = []

    def address(self, component: str) -> str:
        return "127.0.0.1:9" if component else ""

    def thaw(self, _arm: str) -> None: ...

    def replace(self, component: str, *, environment: Mapping[str, str]) -> None:
        self.changes.append((component, dict(environment)))


def test_all_that_leads_to_what_may_fail_goes_by_the_proxy() -> None:
    engine = Recorder()
    faults = [FAULTS["down: database"], FAULTS["slow: acquirer"], FAULTS["cut: broker"]]
    arms = TOPOLOGY.usual_arms
    with breakable(cast("Engine", engine), arms, faults, Notes(), back=True) as breaker:
        assert breaker.proxy is not None
        changes = dict(engine.changes)
    assert set(changes["monolith-web"]) == {"DATABASE_URL", "ACQUIRER_URL", "REDIS_URL"}
    assert set(changes["monolith-beat"]) == {"DATABASE_URL", "ACQUIRER_URL", "REDIS_URL"}
    assert set(changes["payments"]) == {"ACQUIRER_URL", "REDIS_URL"}
    assert set(changes["catalog"]) == {"DATABASE_URL", "REDIS_URL"}
    assert set(changes["orders"]) == {"REDIS_URL"}
    assert len(changes["modulith-web"]) == 9
    url = changes["monolith-web"]["DATABASE_URL"]
    assert url.startswith("postgresql://shop@127.0.0.1:")
    assert url.endswith("/shop")
    assert changes["modulith-web"]["ACQUIRER_URL"] != changes["payments"]["ACQUIRER_URL"]
    before = {name: TOPOLOGY.components[name].environment for name in changes}
    back = engine.changes[len(changes) :]
    assert back == [(name, {key: before[name][key] for key in changes[name]}) for name in changes]
