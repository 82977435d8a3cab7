"""Deployments from end to end, over small servers in place of the arms."""

from typing import cast

import pytest

from tests.experiments.test_latency import LENIENT, Notes
from tests.fake_engine import FakeEngine
from twinbench.analysis.deployments import deployments
from twinbench.engines.protocol import Engine
from twinbench.experiments.deployment.experiment import run_deployment
from twinbench.experiments.deployment.settings import (
    DEPLOYMENT_PROFILES,
    DeploymentProfile,
    DeploymentSettings,
    Step,
)
from twinbench.results.deployment import DEPLOYMENTS
from twinbench.results.store import Run

ARMS = ("monolith", "microservices")
TINY = DeploymentProfile(
    name="tiny",
    steps=(Step("code", "rolling", 2.5), Step("schema", "blue-green", 2.5),
           Step("broken", "recreate", 2.5, replicas=2)),
    blocks=1, budget_s=0.0, before_s=1.0, rate=20.0, warming_s=0.0, warmup_s=0.5, tail_s=0.2,
)  # fmt: skip
WEB = "monolith-web"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[tuple[str, ...]]]:
    folder = tmp_path_factory.mktemp("run")
    settings = DeploymentSettings(TINY, ARMS, seed=3, out=folder, gates=LENIENT)
    with FakeEngine(ARMS, folder / "state") as engine:
        run = Run.open(run_deployment(cast("Engine", engine), settings, Notes()))
        assert not (folder / "state" / "releases").exists()
        return run, engine.events


Whole = tuple[Run, list[tuple[str, ...]]]


def own(events: list[tuple[str, ...]], build: str) -> list[tuple[str, ...]]:
    words = ("monolith",) if build == "monolith" else ("catalog", "microservices")
    kinds = {"replace", "run_job", "reset"}
    return [one for one in events if one[0] in kinds and one[1].startswith(words)]


def test_each_version_is_rolled_out_to_what_it_touches_and_taken_back(whole: Whole) -> None:
    _, events = whole
    mine = own(events, "monolith")
    code = mine.index(("replace", WEB, "rolling", "monolith-code"))
    assert mine[code + 1 : code + 3] == [
        ("replace", "monolith-worker", "recreate", "monolith-code"),
        ("replace", "monolith-beat", "recreate", "monolith-code"),
    ]
    back = mine.index(("replace", WEB, "recreate", ""), code)
    assert mine[back + 1 : back + 3] == [
        ("replace", "monolith-worker", "recreate", ""),
        ("replace", "monolith-beat", "recreate", ""),
    ]
    services = own(events, "microservices")
    assert ("replace", "catalog", "rolling", "microservices-code") in services
    assert {one[1] for one in services} == {"catalog", "catalog-migrate", "microservices"}
    assert [one for one in events if one[:2] == ("scale", "catalog")] == [
        ("scale", "catalog", "2"),
        ("scale", "catalog", "1"),
    ]


def test_a_schema_is_expanded_before_and_contracted_after(whole: Whole) -> None:
    services = own(whole[1], "microservices")
    begin = services.index(("run_job", "catalog-migrate", "microservices-schema"))
    assert services[begin + 1 : begin + 5] == [
        ("replace", "catalog", "blue-green", "microservices-schema"),
        ("run_job", "catalog-migrate", "microservices-contract"),
        ("replace", "catalog", "recreate", ""),
        ("reset", "microservices"),
    ]


def test_every_deployment_has_its_row(whole: Whole) -> None:
    run, _ = whole
    assert run.document["experiment"] == "deployment"
    assert run.document["configuration"]["rates"] == dict.fromkeys(ARMS, 20.0)
    table = run.tables["deployments"]
    assert table.schema.equals(DEPLOYMENTS)
    rows = table.to_pylist()
    assert len(rows) == len(ARMS) * len(TINY.steps)
    for row in rows:
        assert row["began_ns"] == pytest.approx(1.5e9, abs=5e8)
        assert row["began_ns"] <= row["serving_ns"] <= row["ended_ns"]
        assert (row["migrated_ns"] is not None) == (row["flavour"] == "schema")
        assert row["outcome"] == ("rolled back" if row["flavour"] == "broken" else "deployed")
        assert row["old_answers"] + len(row["breaches"]) >= 1
    assert {row["reason"] for row in rows if row["flavour"] == "broken"} == {
        f"{name}-2 did not start: exit status 1" for name in (WEB, "catalog")
    }


def test_it_can_be_analysed(whole: Whole) -> None:
    found = deployments(whole[0])
    assert {(one.arm, one.flavour) for one in found.kinds} == {
        (arm, step.flavour) for arm in ARMS for step in TINY.steps
    }
    assert all(one.failed_requests == 0 for one in found.kinds)
    assert set(found.busy_s) == set(ARMS)


@pytest.mark.parametrize("name", list(DEPLOYMENT_PROFILES))
def test_profiles_leave_time_for_what_they_deploy(name: str) -> None:
    profile = DEPLOYMENT_PROFILES[name]
    assert all(step.measure_s > 2 * profile.before_s for step in profile.steps)
