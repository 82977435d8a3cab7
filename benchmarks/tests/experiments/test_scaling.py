"""The experiment from end to end, over small servers in place of the arms."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from tests.experiments.test_latency import ARMS, LENIENT, Notes
from tests.fake_engine import FakeEngine
from twinbench.analysis.capacity import Objective
from twinbench.analysis.scaling import scaling
from twinbench.commands.experiments import fewest
from twinbench.engines.protocol import Engine, EngineError, UnsupportedByEngineError
from twinbench.experiments.bench import divide_cores
from twinbench.experiments.gates import Gates
from twinbench.experiments.scaling import resume_scaling, run_scaling
from twinbench.experiments.scaling_profiles import ScalingProfile, ScalingSettings
from twinbench.experiments.setting import HOT
from twinbench.experiments.skew import Search
from twinbench.load.skew import HOT_REQUESTS, REQUESTS
from twinbench.load.workload import default_workload
from twinbench.report.scaling import print_scaling
from twinbench.results.store import Run
from twinbench.topology import load as load_topology

TINY = ScalingProfile(
    name="tiny", levels={"cpus": (0.5,), "hot": (2.0,), "work": (1000.0,)}, lowest=0.02,
    highest=0.06, resolution=1.0, step_s=0.4, learning_s=0.4, warmup_s=0.2, drain_s=1.0,
    warming_s=0.0, blocks=1, budget_s=600.0, judged=False,
)  # fmt: skip
CASES = 3 * len(ARMS)
# Whoever does not pause between requests need not be waited for at the end of each trial.
BRISK = replace(default_workload(), think_s=0.01, customers=8)


def settings(out: Path, **changes: object) -> ScalingSettings:
    profile = replace(TINY, **changes)  # type: ignore[arg-type]
    objective = asdict(Objective())
    return ScalingSettings(profile, ARMS, 5, out, objective, gates=LENIENT, workload=BRISK)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, FakeEngine]:
    with FakeEngine(ARMS, budgets=True) as engine:
        out = tmp_path_factory.mktemp("run")
        folder = run_scaling(cast("Engine", engine), settings(out), Notes(), fewest)
    return Run.open(folder), engine


def test_every_case_is_climbed_once_in_a_block(whole: tuple[Run, FakeEngine]) -> None:
    run, _ = whole
    climbs = run.tables["climbs"].to_pylist()
    cases = {(row["factor"], row["level"], row["arm"]) for row in climbs}
    assert len(climbs) == len(cases) == CASES
    assert all(len(row["rates"]) == len(TINY.shares) for row in climbs)
    assert run.document["outcome"]["stopped_by"] == "blocks"


def test_the_arms_of_a_level_run_back_to_back(whole: tuple[Run, FakeEngine]) -> None:
    climbs = whole[0].tables["climbs"].to_pylist()
    pairs = zip(climbs[::2], climbs[1::2], strict=True)
    for one, other in pairs:
        assert (one["factor"], one["level"]) == (other["factor"], other["level"])
        assert {one["arm"], other["arm"]} == set(ARMS)


def test_settings_are_put_in_force_and_taken_back(whole: tuple[Run, FakeEngine]) -> None:
    events = whole[1].events
    scaled = [event[1:] for event in events if event[0] == "scale"]
    assert sorted(scaled) == [
        ("monolith-web", "1"), ("monolith-web", "2"),
        ("recommendations", "1"), ("recommendations", "2"),
    ]  # fmt: skip
    replaced = [event[1:] for event in events if event[0] == "replace"]
    for component in ("monolith-web", "recommendations"):
        assert [value for name, value in replaced if name == component] == ["1000", "200"]


def test_what_was_found_is_told(whole: tuple[Run, FakeEngine]) -> None:
    found = scaling(whole[0])
    assert {reach.arm for reach in found.reaches} == set(ARMS)
    assert len(found.reaches) == CASES
    assert found.laws == {}  # one budget is too little for three parameters
    console = Console(record=True, width=100)
    print_scaling(console, whole[0], found)
    text = console.export_text()
    assert "Capacity by CPU budget" in text
    assert "candidates" in text


def test_a_run_that_is_broken_off_goes_on(tmp_path: Path) -> None:
    class Interrupted(Notes):
        def trial_ended(self, *_: object) -> None:
            raise KeyboardInterrupt

    few = settings(tmp_path, levels={"hot": (1.0, 2.0)})
    with FakeEngine(ARMS) as engine, pytest.raises(KeyboardInterrupt):
        run_scaling(cast("Engine", engine), few, Interrupted(), fewest)
    (folder,) = tmp_path.iterdir()
    with FakeEngine(ARMS) as engine:
        resume_scaling(cast("Engine", engine), folder, Notes(), fewest)
    run = Run.open(folder)
    assert ScalingSettings.of(run.document, folder) == few
    climbs = run.tables["climbs"].to_pylist()
    assert [row["trial"] for row in climbs] == [1, 2, 3, 4]
    assert len({(row["level"], row["arm"]) for row in climbs}) == len(climbs)


def test_it_ends_with_its_time(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        short = settings(tmp_path, levels={"hot": (1.0,)}, blocks=1000, budget_s=0.1)
        folder = run_scaling(cast("Engine", engine), short, Notes(), fewest)
    run = Run.open(folder)
    assert run.document["outcome"]["stopped_by"] == "time"
    assert run.trials.num_rows == len(ARMS)


def test_a_voided_climb_is_made_again(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        strict = replace(settings(tmp_path, levels={"hot": (1.0,)}), gates=Gates(generator_cpu=0.0))
        strict = replace(strict, arms=ARMS[:1])
        folder = run_scaling(cast("Engine", engine), strict, Notes(), fewest)
    run = Run.open(folder)
    assert run.trials["attempt"].to_pylist() == [1, 2]
    found = scaling(run)
    assert [reach.voided for reach in found.reaches] == [2]
    assert not found.sound


def test_budgets_that_cannot_be_kept_are_refused_before_anything_starts(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        with pytest.raises(EngineError, match="no CPU budgets here: none on this machine"):
            run_scaling(cast("Engine", engine), settings(tmp_path), Notes(), fewest)
        assert engine.events == []


SKEWED: dict[str, object] = {
    "levels": {"skew": (0.6,)}, "probe_s": 1.5, "demand": 0.02, "slices": 2, "drain_s": 5.0,
}  # fmt: skip


def two_of_all(run: Run, wanted: Search) -> Mapping[str, int] | None:
    """In place of a search: one of all, then two of all."""
    rows = run.tables["provisions"].to_pylist()
    made = [row["replicas"] for row in rows if row["arm"] == wanted.arm]
    tried = len(made) // len(wanted.components)
    return None if tried == 2 else dict.fromkeys(wanted.components, tried + 1)


@pytest.fixture(scope="module")
def sought(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, FakeEngine]:
    with FakeEngine(ARMS, budgets=True) as engine:
        out = tmp_path_factory.mktemp("run")
        asked = settings(out, **SKEWED)
        folder = run_scaling(cast("Engine", engine), asked, Notes(), two_of_all)
    return Run.open(folder), engine


def test_the_share_of_hot_requests_is_what_was_asked_for(sought: tuple[Run, FakeEngine]) -> None:
    run, _ = sought
    trials = run.trials["trial"].to_pylist()
    rows = run.requests(trials).to_pylist()
    hot = sum(row["request"] == "recommendations" for row in rows)
    assert hot / len(rows) == pytest.approx(0.6, abs=0.15)
    assert run.tables["provisions"]["share"].to_pylist() == pytest.approx([0.6] * 18)


def test_journeys_are_as_long_as_the_mix_takes_them_for(sought: tuple[Run, FakeEngine]) -> None:
    run, _ = sought
    seen: dict[tuple[int, int], list[tuple[str, str]]] = {}
    for number in run.trials["trial"].to_pylist():
        for row in run.requests([number]).to_pylist():
            key = number, row["journey_id"]
            seen.setdefault(key, []).append((row["journey"], row["request"]))
    for journey in seen.values():
        kind = journey[0][0]
        assert len(journey) == REQUESTS[kind]
        hot = sum(request == "recommendations" for _, request in journey)
        assert hot == HOT_REQUESTS.get(kind, 0)
    assert {journey[0][0] for journey in seen.values()} >= {"browse", "buy", "recommend"}


def test_replicas_are_provided_and_taken_back(sought: tuple[Run, FakeEngine]) -> None:
    scaled = [event[1:] for event in sought[1].events if event[0] == "scale"]
    assert [count for name, count in scaled if name == "recommendations"] == ["2", "1"]
    assert all(count == 1 for count in sought[1].replicas.values())
    provided = sought[0].tables["provisions"].to_pylist()
    cores = divide_cores(sought[1].abilities().cores).arm
    assert {row["slice_cpus"] for row in provided} == {len(cores) / 2}


def test_who_answered_is_looked_at(sought: tuple[Run, FakeEngine]) -> None:
    """There is one server, so that one of two never answers."""
    found = scaling(sought[0])
    web = next(one for one in found.balances if one.component == "monolith-web")
    assert [share.share for share in web.shares] == [1.0, 0.0]
    assert web.verdict == "uneven"
    assert found.skew is not None
    assert found.skew.demanded > 0


def test_a_search_that_is_broken_off_goes_on(tmp_path: Path) -> None:
    class Interrupted(Notes):
        def audited(self, *_: object) -> None:
            raise KeyboardInterrupt

    asked = replace(settings(tmp_path, **{**SKEWED, "probe_s": 0.6}), arms=ARMS[:1])
    with FakeEngine(ARMS[:1], budgets=True) as engine, pytest.raises(KeyboardInterrupt):
        run_scaling(cast("Engine", engine), asked, Interrupted(), two_of_all)
    (folder,) = tmp_path.iterdir()
    with FakeEngine(ARMS[:1], budgets=True) as engine:
        resume_scaling(cast("Engine", engine), folder, Notes(), two_of_all)
    run = Run.open(folder)
    assert run.tables["provisions"]["replicas"].to_pylist() == [1, 2]
    assert len(set(run.tables["provisions"]["demanded"].to_pylist())) == 1


def test_what_an_engine_cannot_vary_is_told_and_left_out(tmp_path: Path) -> None:
    class OneGateway(FakeEngine):
        def scale(self, component: str, replicas: int) -> None:
            if component.endswith("-gateway"):
                raise UnsupportedByEngineError(f"{component} cannot be scaled: one address")
            super().scale(component, replicas)

    asked = replace(settings(tmp_path, levels={"gateways": (2.0,), "hot": (1.0,)}), arms=ARMS[:1])
    with OneGateway(ARMS[:1]) as engine:
        folder = run_scaling(cast("Engine", engine), asked, Notes(), fewest)
    run = Run.open(folder)
    found = scaling(run)
    assert found.refused == {"gateways": "monolith-gateway cannot be scaled: one address"}
    assert {reach.factor for reach in found.reaches} == {"hot"}
    console = Console(record=True, width=100)
    print_scaling(console, run, found)
    assert "Not varied: gateways" in console.export_text()


def test_what_is_hot_is_in_the_topology() -> None:
    topology = load_topology()
    assert {arm: topology.components[name].arm for arm, name in HOT.items()} == {
        arm: arm for arm in topology.arms
    }
