"""A run with faults from end to end, over small servers in place of the arms."""

import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from tests.experiments.test_latency import LENIENT, Notes
from tests.fake_engine import FakeEngine
from twinbench.analysis.resilience import BASELINE, resilience
from twinbench.analysis.struck import ALL
from twinbench.engines.protocol import ComponentStats, Engine
from twinbench.experiments.fault_profiles import ResilienceProfile, ResilienceSettings
from twinbench.experiments.resilience import run_resilience
from twinbench.report.resilience import print_resilience
from twinbench.results.resilience import FAULTS
from twinbench.results.store import Run

ARMS = ("monolith", "modulith")
STOPPED, KILLED, NEVER = "SIGSTOP: recommendations", "SIGKILL: orders", "SIGSTOP: broker"
TINY = ResilienceProfile(
    name="tiny", rate=40.0, warmup_s=0.3, measure_s=2.5, fault_s=1.0, tail_s=0.2, drain_s=3.0,
    blocks=1, budget_s=60.0, warming_s=0.0, judged=True, faults=(STOPPED, KILLED),
)  # fmt: skip


class Breakable(FakeEngine):
    """Its servers can be stopped for a while, and count how often they were killed."""

    def __init__(self, arms: Sequence[str]) -> None:
        super().__init__(arms)
        self.killed: dict[str, int] = dict.fromkeys(arms, 0)
        self.deaf = False

    def kill(self, replica: str, number: signal.Signals = signal.SIGKILL) -> None:
        arm = replica.removesuffix("-web")
        self.events.append(("kill", replica, number.name))
        if number is signal.SIGKILL:
            self.killed[arm] += not self.deaf
        else:
            self._servers[arm][0].send_signal(number)

    def wait_ready(self, arm: str, *, timeout: float = 30.0) -> None:
        self.events.append(("wait_ready", arm, f"{timeout:g}"))

    def replace(self, component: str, **asked: object) -> None:
        raise AssertionError((component, asked))

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        found = super().stats(arm, memory=memory)
        return tuple(replace(one, restarts=self.killed[one.arm]) for one in found)


def run_of(engine: Breakable, out: Path, profile: ResilienceProfile = TINY) -> tuple[Run, Notes]:
    notes = Notes()
    settings = ResilienceSettings(profile, ARMS, seed=3, out=out, gates=LENIENT)
    return Run.open(run_resilience(cast("Engine", engine), settings, notes)), notes


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[tuple[str, ...]]]:
    with Breakable(ARMS) as engine:
        run, _ = run_of(engine, tmp_path_factory.mktemp("run"))
        return run, engine.events


Whole = tuple[Run, list[tuple[str, ...]]]


def test_every_arm_has_every_fault_and_a_baseline(whole: Whole) -> None:
    run, events = whole
    assert run.document["experiment"] == "resilience"
    assert run.tables["faults"].schema.equals(FAULTS)
    rows = run.tables["faults"].to_pylist()
    assert {(row["fault"], row["arm"]) for row in rows} == {
        (fault, arm) for fault in (BASELINE, STOPPED, KILLED) for arm in ARMS
    }
    struck = {row["component"] for row in rows if row["fault"] != BASELINE}
    assert struck == {"monolith-web", "modulith-web"}
    for arm in ARMS:
        asked = [event[2] for event in events if event[:2] == ("kill", f"{arm}-web")]
        assert sorted(asked) == ["SIGCONT", "SIGKILL", "SIGSTOP"]
    assert events[-1] == ("down",)


def test_a_stopped_arm_is_seen_to_stand_still(whole: Whole) -> None:
    found = resilience(whole[0])
    assert found.sound
    cells = {(one.fault, one.arm, one.journey): one for one in found.cells}
    for arm in ARMS:
        assert cells[BASELINE, arm, ALL].success == 1.0
        assert cells[BASELINE, arm, ALL].goodput_ratio == pytest.approx(1.0)
        stopped, usual = cells[STOPPED, arm, ALL], cells[BASELINE, arm, ALL]
        assert stopped.p95_ms is not None
        assert usual.p95_ms is not None
        # Whoever came at the beginning waited for the whole second.
        assert stopped.p95_ms > 700 > usual.p95_ms
    courses = {(one.fault, one.arm): one for one in found.courses}
    for row in whole[0].tables["faults"].to_pylist():
        if row["fault"] == STOPPED:
            assert (row["ends_ns"] - row["begins_ns"]) / 1e9 == pytest.approx(1.0, abs=0.3)
    assert courses[KILLED, "monolith"].ready_s == pytest.approx(0.0, abs=0.3)
    assert courses[STOPPED, "modulith"].recovered_s == 0.0


def test_it_is_told_in_the_terminal(whole: Whole) -> None:
    console = Console(width=100, record=True)
    print_resilience(console, whole[0], resilience(whole[0]))
    text = console.export_text()
    for words in (STOPPED, KILLED, BASELINE, "monolith-web", "modulith"):
        assert words in text


def test_a_fault_that_did_not_bite_voids_its_trial(tmp_path: Path) -> None:
    with Breakable(ARMS) as engine:
        engine.deaf = True
        run, notes = run_of(engine, tmp_path, replace(TINY, faults=(KILLED,), measure_s=1.5))
    voided = [row for row in notes.trials if not row.valid]
    assert {row.reasons for row in voided} == {("the fault did not bite",)}
    assert len(voided) == 4  # each arm's was tried again
    found = resilience(run)
    assert set(found.missing) == {(KILLED, arm) for arm in ARMS}
    assert not found.sound


def test_what_an_arm_does_not_have_is_left_out_with_the_reason(tmp_path: Path) -> None:
    faults = (NEVER,)
    with Breakable(("modulith",)) as engine:
        settings = ResilienceSettings(
            replace(TINY, faults=faults, measure_s=1.5), ("modulith",), 3, tmp_path, LENIENT
        )
        run = Run.open(run_resilience(cast("Engine", engine), settings, Notes()))
    assert run.document["configuration"]["absent"] == {
        "modulith": {NEVER: "modulith has no broker"}
    }
    assert resilience(run).sound
