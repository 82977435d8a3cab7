"""The experiment from end to end, over small servers in place of the arms."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from tests.experiments.test_latency import ARMS, LENIENT, Notes
from tests.fake_engine import FakeEngine
from twinbench.analysis.capacity import Objective
from twinbench.analysis.scaling import scaling
from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.gates import Gates
from twinbench.experiments.scaling import resume_scaling, run_scaling
from twinbench.experiments.scaling_profiles import ScalingProfile, ScalingSettings
from twinbench.report.scaling import print_scaling
from twinbench.results.store import Run

TINY = ScalingProfile(
    name="tiny", levels={"cpus": (0.5,), "hot": (2.0,), "work": (1000.0,)}, lowest=0.02,
    highest=0.06, resolution=1.0, step_s=0.6, learning_s=0.5, warmup_s=0.2, drain_s=1.0,
    warming_s=0.0, blocks=1, budget_s=600.0, judged=False,
)  # fmt: skip
CASES = 3 * len(ARMS)


def settings(out: Path, **changes: object) -> ScalingSettings:
    profile = replace(TINY, **changes)  # type: ignore[arg-type]
    return ScalingSettings(profile, ARMS, 5, out, asdict(Objective()), gates=LENIENT)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, FakeEngine]:
    with FakeEngine(ARMS, budgets=True) as engine:
        out = tmp_path_factory.mktemp("run")
        folder = run_scaling(cast("Engine", engine), settings(out), Notes())
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
        run_scaling(cast("Engine", engine), few, Interrupted())
    (folder,) = tmp_path.iterdir()
    with FakeEngine(ARMS) as engine:
        resume_scaling(cast("Engine", engine), folder, Notes())
    climbs = Run.open(folder).tables["climbs"].to_pylist()
    assert [row["trial"] for row in climbs] == [1, 2, 3, 4]
    assert len({(row["level"], row["arm"]) for row in climbs}) == len(climbs)


def test_it_ends_with_its_time(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        short = settings(tmp_path, levels={"hot": (1.0,)}, blocks=1000, budget_s=0.1)
        folder = run_scaling(cast("Engine", engine), short, Notes())
    run = Run.open(folder)
    assert run.document["outcome"]["stopped_by"] == "time"
    assert run.trials.num_rows == len(ARMS)


def test_a_voided_climb_is_made_again(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        strict = replace(settings(tmp_path, levels={"hot": (1.0,)}), gates=Gates(generator_cpu=0.0))
        folder = run_scaling(cast("Engine", engine), strict, Notes())
    run = Run.open(folder)
    assert [row["attempt"] for row in run.trials.to_pylist()] == [1, 2] * len(ARMS)
    found = scaling(run)
    assert [reach.voided for reach in found.reaches] == [2, 2]
    assert not found.sound


def test_budgets_that_cannot_be_kept_are_refused_before_anything_starts(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        with pytest.raises(EngineError, match="no CPU budgets here: none on this machine"):
            run_scaling(cast("Engine", engine), settings(tmp_path), Notes())
        assert engine.events == []
