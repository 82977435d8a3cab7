"""A traced run from end to end, over small servers in place of the arms; and who refuses whom."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from tests.experiments.test_latency import LENIENT, TINY, Notes, never
from tests.fake_engine import FakeEngine
from twinbench.analysis.hops import ALL, hops
from twinbench.commands.capacity import next_try
from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.capacity import run_capacity
from twinbench.experiments.floors import FloorSettings, run_floors
from twinbench.experiments.hops import TimingError, entries_of, resume_hops, run_hops
from twinbench.experiments.latency import run_latency
from twinbench.experiments.profiles import CAPACITY_PROFILES
from twinbench.experiments.settings import CapacitySettings, LatencySettings
from twinbench.experiments.tracing import require_untraced
from twinbench.results.schema import ANSWERS, CALLS, IncompatibleRunError
from twinbench.results.store import Run

ARMS = ("microservices", "modulith")
TRACED = replace(TINY, warmup_s=0.3, reset=False)


def settings(out: Path) -> LatencySettings:
    return LatencySettings(profile=TRACED, arms=ARMS, seed=5, out=out, gates=LENIENT)


def hops_of(engine: FakeEngine, out: Path) -> Run:
    return Run.open(run_hops(cast("Engine", engine), settings(out), Notes(), never))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[tuple[str, ...]]]:
    """A run of arms that were down, and what was asked of the engine."""
    with FakeEngine(ARMS) as engine:
        return hops_of(engine, tmp_path_factory.mktemp("run")), engine.events


Whole = tuple[Run, list[tuple[str, ...]]]


def test_a_run_keeps_what_answers_told(whole: Whole) -> None:
    run, _ = whole
    assert run.document["experiment"] == "hops"
    assert run.tables["answers"].schema.equals(ANSWERS)
    assert run.tables["calls"].schema.equals(CALLS)
    requests = run.requests(run.trials["trial"].to_pylist())
    assert run.tables["answers"].num_rows == requests.num_rows
    told = {(row["trial"], row["journey_id"], row["step"]): row for row in requests.to_pylist()}
    for answer in run.tables["answers"].to_pylist():
        row = told[answer["trial"], answer["journey_id"], answer["step"]]
        assert answer["request"] == row["request"]
        assert answer["finished_ns"] == pytest.approx(row["finished_ns"], abs=1000)


def test_a_hop_is_what_the_caller_saw_less_what_the_callee_took(whole: Whole) -> None:
    found = hops(whole[0])
    assert found.sound
    assert found.blocks == 2
    together = {one.arm: one for one in found.calls if one.request == ALL}
    assert together["microservices"].p50.value == pytest.approx(1.0)
    assert together["modulith"].p50.value == pytest.approx(0.1)
    product = next(one for one in found.calls if one.request == "product")
    assert (product.operation, product.per_request) == ("stock GET /y", 1.0)
    assert (product.own_ms, product.cpu_ms) == (2.0, 1.0)
    [answer] = [a for a in found.answers if (a.request, a.arm) == ("product", "microservices")]
    assert answer.covered == pytest.approx(0.6)
    both = found.calls_per_journey
    assert both["microservices"] == pytest.approx(both["modulith"], rel=0.1)
    assert found.cpu_per_call is not None


def test_arms_that_were_down_come_up_traced(whole: Whole) -> None:
    _, events = whole
    assert events[0] == ("up", *ARMS)
    assert not [event for event in events if event[0] == "replace"]
    assert events[-1] == ("down",)
    assert "TWINBENCH_TRACE" not in os.environ


def test_arms_that_were_up_are_left_as_they_were(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        engine.running = True
        hops_of(engine, tmp_path)
        changes = [event[1:] for event in engine.events if event[0] == "replace"]
        half = len(changes) // 2
        names = [name for name, _ in changes[:half]]
        assert {"orders", "catalog", "modulith-web"} <= set(names)
        assert not any("db" in name or "gateway" in name for name in names)
        assert changes == [
            *((name, "server-timing") for name in names),
            *((name, "off") for name in names),
        ]
        assert ("down",) not in engine.events
        require_untraced(cast("Engine", engine), ARMS)  # so they can be timed


def test_arms_that_are_traced_already_are_left_alone(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        engine.running = True
        for component in ("catalog", "modulith-web"):
            engine.replace(component, environment={"TRACE": "server-timing"})
        engine.events.clear()
        hops_of(engine, tmp_path)
        assert not [event for event in engine.events if event[0] == "replace"]


def latency(engine: FakeEngine, out: Path) -> Path:
    return run_latency(cast("Engine", engine), settings(out), Notes(), never)


def capacity(engine: FakeEngine, out: Path) -> Path:
    asked = CapacitySettings(CAPACITY_PROFILES["smoke"], ARMS, 1, out, {})
    return run_capacity(cast("Engine", engine), asked, Notes(), next_try)


def floors(engine: FakeEngine, out: Path) -> Path:
    return run_floors(cast("Engine", engine), FloorSettings(seed=1, out=out), Notes())


@pytest.mark.parametrize("timed", [latency, capacity, floors])
def test_what_is_timed_refuses_traced_arms(
    tmp_path: Path, timed: Callable[[FakeEngine, Path], Path]
) -> None:
    with FakeEngine(("monolith", *ARMS)) as engine:
        engine.running = True
        engine.replace("catalog", environment={"TRACE": "server-timing"})
        with pytest.raises(EngineError, match=r"^microservices is up with tracing on, which costs"):
            timed(engine, tmp_path)
    assert not list(tmp_path.iterdir())


def test_an_arm_that_cannot_tell_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FakeEngine(ARMS) as engine:
        monkeypatch.setattr(engine, "tell", lambda *_: None)
        with pytest.raises(EngineError, match="microservices does not tell what its answers took"):
            hops_of(engine, tmp_path)
        assert engine.events[-1] == ("down",)


def test_a_finished_run_is_not_resumed(whole: Whole) -> None:
    with FakeEngine(ARMS) as engine, pytest.raises(IncompatibleRunError, match="is finished"):
        resume_hops(cast("Engine", engine), whole[0].folder, Notes(), never)


@pytest.mark.parametrize(
    ("header", "entries"),
    [
        ("", []),
        ("miss", [("miss", {})]),
        ("db;dur=53, app;dur=47.2", [("db", {"dur": "53"}), ("app", {"dur": "47.2"})]),
        (
            'call;desc="a, b; c";dur=1 ,left;desc=2',
            [("call", {"desc": "a, b; c", "dur": "1"}), ("left", {"desc": "2"})],
        ),
    ],
)
def test_headers_are_read_as_the_standard_has_them(
    header: str, entries: list[tuple[str, dict[str, str]]]
) -> None:
    assert list(entries_of(header)) == entries


def test_what_is_no_such_header_is_told() -> None:
    with pytest.raises(TimingError, match="not a Server-Timing header from 'dur=\"3' on"):
        list(entries_of('dur="3'))
