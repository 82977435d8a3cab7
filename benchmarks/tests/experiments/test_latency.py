"""The experiment from end to end, over small servers in place of the arms."""

import os
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import cast

import pyarrow.compute as pc
import pytest

from tests.fake_engine import FakeEngine
from twinbench.analysis.comparison import compare
from twinbench.engines.protocol import Engine, Progress
from twinbench.experiments.gates import Gates
from twinbench.experiments.latency import run_latency
from twinbench.experiments.profiles import LatencyProfile
from twinbench.experiments.settings import LatencySettings
from twinbench.results.journal import journal_lines
from twinbench.results.rows import AuditRow, TrialRow
from twinbench.results.store import Run

ARMS = ("monolith", "microservices")
TINY = LatencyProfile(
    name="tiny", rates=(20.0,), levels=(), blocks=2, warmup_s=0.5, measure_s=2.0, tail_s=0.2,
    drain_s=3.0, budget_s=0.0, precision=None, warming_s=0.0, reset=True, refresh_s=0.0,
    judged=True,
)  # fmt: skip
LENIENT = Gates(lag_p99_ms=1000, generator_cpu=2, rate_error=1, steal=2, foreign=2, in_flight_off=9)


@dataclass
class Notes:
    """A watcher that writes down what it is told."""

    components: list[str] = field(default_factory=list)
    phases: list[str] = field(default_factory=list)
    trials: list[TrialRow] = field(default_factory=list)
    remaining_s: list[float] = field(default_factory=list)
    audits: list[AuditRow] = field(default_factory=list)

    def component(self, progress: Progress, /) -> None:
        self.components.append(progress.component)

    def phase(self, description: str, /) -> None:
        self.phases.append(description)

    def remaining(self, seconds: float, /) -> None:
        self.remaining_s.append(seconds)

    def trial_begins(self, description: str, _seconds: float, /) -> None:
        self.phases.append(description)

    def trial_ended(self, row: TrialRow, /) -> None:
        self.trials.append(row)

    def audited(self, row: AuditRow, /) -> None:
        self.audits.append(row)

    def retry(self, _row: TrialRow, seconds: float, /) -> None:
        self.remaining_s[-1] += seconds


def never(_run: Run, _share: float) -> bool:
    return False


def run(
    engine: FakeEngine, out: Path, *, profile: LatencyProfile, gates: Gates
) -> tuple[Run, Notes]:
    notes = Notes()
    settings = LatencySettings(profile=profile, arms=ARMS, seed=5, out=out, gates=gates)
    folder = run_latency(cast("Engine", engine), settings, notes, never)
    return Run.open(folder), notes


@dataclass(frozen=True)
class Whole:
    """A run of two blocks, and what was seen of it from outside."""

    result: Run
    notes: Notes
    engine: FakeEngine
    cores_afterwards: set[int]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    with FakeEngine(ARMS) as engine:
        result, notes = run(engine, tmp_path_factory.mktemp("run"), profile=TINY, gates=LENIENT)
        return Whole(result, notes, engine, os.sched_getaffinity(0))


def test_a_run_leaves_everything_as_it_was(whole: Whole) -> None:
    assert whole.engine.frozen == set()
    assert whole.engine.events[0] == ("up", *ARMS)
    assert whole.engine.events[-1] == ("down",)
    assert whole.cores_afterwards == set(whole.engine.abilities().cores)


def test_a_run_measures_both_arms(whole: Whole) -> None:
    assert whole.notes.components == ["monolith-web", "microservices-web"]
    assert [row.trial for row in whole.notes.trials] == [1, 2, 3, 4]
    assert all(row.failed == 0 and row.arrivals == 40 for row in whole.notes.trials)
    assert all(row.cpu_seconds > 0 for row in whole.notes.trials)
    requests = whole.result.requests([1, 2, 3, 4])
    assert set(requests["replica"].unique().to_pylist()) == {"web-1"}
    assert set(requests["journey"].unique().to_pylist()) == {"browse", "buy", "account", "operate"}
    comparison = compare(whole.result)
    assert comparison.sound
    assert {row.subject for row in comparison.rows} >= {"browse", "buy", "CPU", "memory"}


def test_what_keeps_no_books_is_said_to_be_unchecked(whole: Whole) -> None:
    assert [row.trial for row in whole.notes.audits] == [1, 2, 3, 4]
    rows = whole.result.tables["audits"].to_pylist()
    assert [(row["trial"], row["checked"], row["findings"]) for row in rows] == [
        (number, False, []) for number in (1, 2, 3, 4)
    ]


def test_the_arms_of_a_block_are_asked_for_the_same(whole: Whole) -> None:
    trials = whole.result.trials.to_pylist()
    for block in (0, 1):
        one, two = (
            whole.result.requests([row["trial"]])
            .filter(pc.field("step") == 0)["intended_ns"]
            .to_pylist()
            for row in trials
            if row["block"] == block
        )
        assert one == two


def test_the_arms_that_wait_are_frozen(whole: Whole) -> None:
    """Which arm ran, by its thaw, just after the other's freeze: those of the trials, in order."""
    switches = [event for event in whole.engine.events if event[0] in {"freeze", "thaw", "reset"}]
    ran = []
    for one, two in pairwise(switches):
        if two[0] == "thaw" and one[0] == "freeze":
            assert one[1] != two[1]
            ran.append(two[1])
    trials = [row["arm"] for row in whole.result.trials.to_pylist()]
    assert [arm for arm, _ in groupby(ran)][-3:] == [arm for arm, _ in groupby(trials)][-3:]
    assert switches[-2:] == [("thaw", arm) for arm in ARMS]


def test_every_block_begins_with_the_seeded_data(whole: Whole) -> None:
    resets = [event[1] for event in whole.engine.events if event[0] == "reset"]
    assert len(resets) == 2 * len(ARMS)
    assert set(resets[:2]) == set(resets[2:]) == set(ARMS)


def test_a_run_says_where_its_time_went(whole: Whole) -> None:
    outcome = whole.result.document["outcome"]
    assert outcome["stopped_by"] == "blocks"
    seconds = outcome["seconds"]
    assert seconds["measuring"] == pytest.approx(4 * 2.2)
    assert seconds["warming"] == pytest.approx(4 * 0.5)
    assert outcome["outside_share"] == pytest.approx(1 - 10.8 / sum(seconds.values()), abs=0.01)


def test_a_run_stops_when_it_is_precise_enough(tmp_path: Path) -> None:
    seen: list[int] = []

    def at_four_trials(so_far: Run, share: float) -> bool:
        assert share == 0.1
        seen.append(so_far.trials.num_rows)
        return bool(so_far.trials.num_rows >= 6)

    profile = replace(TINY, blocks=9, measure_s=0.5, budget_s=600.0, precision=0.1)
    notes = Notes()
    settings = LatencySettings(profile=profile, arms=ARMS, seed=5, out=tmp_path, gates=LENIENT)
    with FakeEngine(ARMS) as engine:
        folder = run_latency(cast("Engine", engine), settings, notes, at_four_trials)
    assert seen == [4, 6]
    assert Run.open(folder).document["outcome"]["stopped_by"] == "precision"


def test_a_run_stops_when_its_time_is_spent(tmp_path: Path) -> None:
    profile = replace(TINY, blocks=9, measure_s=0.5, budget_s=1.0, precision=0.1)
    with FakeEngine(ARMS) as engine:
        result, _ = run(engine, tmp_path, profile=profile, gates=LENIENT)
    assert result.document["outcome"]["stopped_by"] == "time"
    assert result.trials.num_rows == 4


def test_arms_warm_up_and_their_levels_follow_from_it(tmp_path: Path) -> None:
    profile = replace(
        TINY, rates=(), levels=(0.001, 0.002), blocks=1, warming_s=1.0, measure_s=1.0, reset=False
    )
    with FakeEngine(ARMS) as engine:
        result, _ = run(engine, tmp_path, profile=profile, gates=LENIENT)
    (planned,) = (line for line in journal_lines(result.folder) if line["event"] == "planned")
    warm = planned["warmed_up"]
    assert all(warm[arm]["cpu_s"] > 0 and warm[arm]["seconds"] >= 5.5 for arm in ARMS)
    assert result.document["configuration"]["rates"] == sorted(
        set(result.trials["offered_rate"].to_pylist())
    )


def test_a_voided_trial_is_retried_once_and_then_marked(tmp_path: Path) -> None:
    impossible = replace(LENIENT, lag_p99_ms=0.0)
    with_time = replace(TINY, blocks=1, measure_s=1.0, budget_s=60.0, reset=False)
    with FakeEngine(ARMS) as engine:
        result, notes = run(engine, tmp_path, profile=with_time, gates=impossible)
    assert [(row.attempt, row.valid) for row in notes.trials] == [(1, False), (2, False)] * 2
    assert all("requests left late" in row.reasons[0] for row in notes.trials)
    comparison = compare(result)
    assert not comparison.sound
    assert len(comparison.void) == 2
    assert all(row.verdict is None for row in comparison.rows)


def test_an_interrupted_run_leaves_no_arm_frozen(tmp_path: Path) -> None:
    class Interrupted(Notes):
        def trial_begins(self, _description: str, _seconds: float, /) -> None:
            raise KeyboardInterrupt

    settings = LatencySettings(profile=TINY, arms=ARMS, seed=5, out=tmp_path, gates=LENIENT)
    with FakeEngine(ARMS) as engine:
        engine.running = True
        with pytest.raises(KeyboardInterrupt):
            run_latency(cast("Engine", engine), settings, Interrupted(), never)
        assert engine.frozen == set()
        assert engine.events[-1] == ("limit", "outside", "")


def test_an_arm_that_a_killed_run_left_frozen_is_thawed_first(tmp_path: Path) -> None:
    short = replace(TINY, blocks=1, measure_s=1.0, reset=False)
    with FakeEngine(ARMS) as engine:
        engine.running = True
        engine.freeze(ARMS[0])
        run(engine, tmp_path, profile=short, gates=LENIENT)
        assert engine.events.index(("thaw", ARMS[0])) < engine.events.index(("up", *ARMS))
        assert ("down",) not in engine.events


def test_without_time_for_it_a_voided_trial_is_marked_at_once(tmp_path: Path) -> None:
    impossible = replace(LENIENT, lag_p99_ms=0.0)
    short = replace(TINY, blocks=1, measure_s=1.0, reset=False, budget_s=0.0)
    with FakeEngine(ARMS) as engine:
        _, notes = run(engine, tmp_path, profile=short, gates=impossible)
    assert [(row.attempt, row.valid) for row in notes.trials] == [(1, False), (1, False)]
