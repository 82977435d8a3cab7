"""The search from end to end, over small servers, with a searcher whose answers are known."""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import cast

import pytest

from tests.experiments.test_latency import ARMS, LENIENT, Notes
from tests.fake_engine import FakeEngine
from twinbench.analysis.capacities import capacities
from twinbench.analysis.capacity import Objective
from twinbench.commands.capacity import next_try
from twinbench.engines.protocol import Engine
from twinbench.experiments.capacity import Shown, Try, resume_capacity, run_capacity
from twinbench.experiments.profiles import CapacityProfile
from twinbench.experiments.settings import CapacitySettings
from twinbench.results.journal import journal_lines
from twinbench.results.store import Run

TINY = CapacityProfile(
    name="tiny", warmup_s=0.2, measure_s=0.5, tail_s=0.0, drain_s=1.0, confirm_s=1.0,
    resolution=0.5, budget_s=600.0, warming_s=0.5, refresh_s=0.0,
)  # fmt: skip


def settings(out: Path, **changes: float) -> CapacitySettings:
    profile = replace(TINY, **changes)  # type: ignore[arg-type]
    return CapacitySettings(profile, ARMS, 5, out, asdict(Objective()), gates=LENIENT)


def two_tries(_: CapacitySettings, able: float, shown: Sequence[Shown]) -> Try | None:
    """The monolith's search needs one trial less."""
    assert able > 0
    arm = shown[0].row.arm if shown else None
    rates = (20.0,) if arm == "monolith" else (20.0, 30.0)
    if len(shown) < len(rates):
        return Try(rates[len(shown)], longer=bool(shown))
    return None


def test_each_arm_is_searched_in_turns_until_its_search_is_over(tmp_path: Path) -> None:
    with FakeEngine(ARMS) as engine:
        folder = run_capacity(cast("Engine", engine), settings(tmp_path), Notes(), two_tries)
        assert [event[0] for event in engine.events].count("reset") == 3
    run = Run.open(folder)
    rows = run.trials.to_pylist()
    assert {row["arm"] for row in rows[:2]} == set(ARMS)
    assert [(row["arm"], row["offered_rate"], row["measure_s"]) for row in rows[2:]] == [
        ("microservices", 30.0, 1.0)
    ]
    assert run.document["outcome"]["stopped_by"] == "searched"


def test_a_search_that_is_broken_off_goes_on(tmp_path: Path) -> None:
    class Interrupted(Notes):
        def trial_ended(self, *_: object) -> None:
            raise KeyboardInterrupt

    with FakeEngine(ARMS) as engine, pytest.raises(KeyboardInterrupt):
        run_capacity(cast("Engine", engine), settings(tmp_path), Interrupted(), two_tries)
    (folder,) = tmp_path.iterdir()
    with FakeEngine(ARMS) as engine:
        resume_capacity(cast("Engine", engine), folder, Notes(), two_tries)
    rows = Run.open(folder).trials.to_pylist()
    assert [row["trial"] for row in rows] == [1, 2, 3]
    assert sorted(row["arm"] for row in rows) == ["microservices", "microservices", "monolith"]


def test_a_search_ends_with_its_time(tmp_path: Path) -> None:
    began = time.monotonic()

    def endless(_: CapacitySettings, _able: float, _shown: Sequence[Shown]) -> Try:
        return Try(20.0, longer=False)

    with FakeEngine(ARMS) as engine:
        short = settings(tmp_path, budget_s=0.1)
        folder = run_capacity(cast("Engine", engine), short, Notes(), endless)
    assert time.monotonic() - began < 60
    run = Run.open(folder)
    assert run.document["outcome"]["stopped_by"] == "time"
    assert run.trials.num_rows == 0
    assert all(one.found is None for one in capacities(run))


def test_the_search_of_the_analysis_begins_at_half_of_what_the_arm_may_do(tmp_path: Path) -> None:
    assert next_try(settings(tmp_path), 80.0, ()) == Try(40.0, longer=False)


def test_the_journal_says_what_was_planned(tmp_path: Path) -> None:
    def over(_: CapacitySettings, _able: float, _shown: Sequence[Shown]) -> None:
        return None

    with FakeEngine(ARMS) as engine:
        folder = run_capacity(cast("Engine", engine), settings(tmp_path), Notes(), over)
    (planned,) = (line for line in journal_lines(folder) if line["event"] == "planned")
    assert set(planned["able"]) == set(planned["warmed_up"]) == set(ARMS)
