"""Traced runs whose figures are known, and what is made of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tests.synthetic import provenance, request_rows, trial_row
from twinbench.analysis.hops import ALL, CallCost, hops, known_within
from twinbench.analysis.levels import level, positive_level
from twinbench.experiments.design import randomised_blocks
from twinbench.load.recorder import requests_table
from twinbench.results.rows import AnswerRow, CallRow, ResourceRow
from twinbench.results.store import Run, RunWriter

ARMS = ("microservices", "modulith")
# What a call adds, and what the apps use per journey, in milliseconds.
HOP_MS = {"microservices": 1.5, "modulith": 0.05}
APPS_MS = {"microservices": 12.0, "modulith": 11.0}
KINDS = {
    "microservices": {"orders": "app", "catalog": "app", "orders-db": "database"},
    "modulith": {"modulith-web": "app", "modulith-db": "database"},
}
RATE, BLOCKS, PLACES = 20.0, 8, 120


def traced_run(
    root: Path,
    *,
    noise: float = 0.02,
    void: frozenset[int] = frozenset(),
    arms: tuple[str, ...] = ARMS,
) -> Run:
    """In each trial's window 120 journeys, each an order that makes two calls, one of them slow."""
    random = np.random.default_rng(3)
    own = provenance((RATE,), BLOCKS, arms)
    kinds = {name: kind for arm in arms for name, kind in KINDS[arm].items()}
    origin = replace(own, experiment="hops", configuration=own.configuration | {"kinds": kinds})
    tables = ("trials", "resources", "answers", "calls")
    writer = RunWriter.create(root, origin, tables=tables)
    slots = randomised_blocks(arms=arms, rates=(RATE,), blocks=BLOCKS, seed=1)
    for number, slot in enumerate(slots, start=1):
        rows = request_rows(random, rate=RATE, factor=1.0, seconds=1.0)
        table = requests_table(rows, trial=number, origin=0.0)
        pq.write_table(table, writer.requests_path(number))
        luck = float(random.lognormal(0, noise))
        trial = trial_row(number, slot, factor=1.0, void=number in void)
        writer.add_trial(
            number,
            {
                "trials": [trial],
                "resources": resources(number, slot.arm, luck),
                "answers": [answer(number, place) for place in range(PLACES + 10)],
                "calls": [
                    call
                    for place in range(PLACES + 10)
                    for call in calls(number, place, slot.arm, luck)
                ],
            },
        )
    writer.finish()
    return Run.open(writer.folder)


def finished_ns(place: int) -> int:
    """The window is from 2 s to 8 s; the last ten end beyond it."""
    return round((2.0 + place * 6.0 / PLACES) * 1e9)


def answer(trial: int, place: int) -> AnswerRow:
    return AnswerRow(
        trial=trial, journey_id=place, step=3, request="order", finished_ns=finished_ns(place),
        operation="orders POST /x", wall_ms=20.0, cpu_ms=4.0, calls_ms=15.0, calls=2, lost=0,
        left=0,
    )  # fmt: skip


def calls(trial: int, place: int, arm: str, luck: float) -> list[CallRow]:
    """The second operation's hop is ten times that of the first."""
    hop = HOP_MS[arm] * luck
    return [
        CallRow(
            trial=trial, journey_id=place, step=3, request="order",
            finished_ns=finished_ns(place), operation=operation, wall_ms=own_ms + added,
            own_ms=own_ms, cpu_ms=1.0,
        )
        for operation, own_ms, added in (
            ("catalog POST /internal/products/batch", 2.0, hop),
            ("inventory POST /internal/reservations", 8.0, 10 * hop),
        )
    ]  # fmt: skip


def resources(trial: int, arm: str, luck: float) -> list[ResourceRow]:
    apps = [name for name, kind in KINDS[arm].items() if kind == "app"]
    rows = []
    for name, kind in KINDS[arm].items():
        per_journey = APPS_MS[arm] * luck / len(apps) if kind == "app" else 3.0
        for at in (2.0, 8.0):
            used = per_journey / 1000 * RATE * (at - 2.0)
            rows.append(
                ResourceRow(
                    trial=trial, arm=arm, component=name, at_ns=round(at * 1e9), processes=1,
                    cpu_seconds=used, voluntary_switches=0, involuntary_switches=0,
                    throttled_seconds=None, pss_bytes=None, swap_bytes=None, restarts=0,
                )
            )  # fmt: skip
    return rows


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return traced_run(tmp_path_factory.mktemp("run"))


def of(run: Run, arm: str, operation: str) -> CallCost:
    return next(
        one for one in hops(run).calls if one.arm == arm and one.operation.startswith(operation)
    )


def test_a_hop_is_found_with_its_interval(run: Run) -> None:
    for arm, added in HOP_MS.items():
        for operation, times in (("catalog", 1), ("inventory", 10)):
            found = of(run, arm, operation)
            assert found.p50.low <= times * added * 1.01
            assert found.p50.high >= times * added * 0.99
            assert found.p50.value == pytest.approx(times * added, rel=0.03)
            assert found.p50.blocks == BLOCKS
            assert found.per_request == 1.0
    assert of(run, "modulith", "inventory").own_ms == 8.0


def test_all_calls_together_come_first(run: Run) -> None:
    first = hops(run).calls[0]
    assert (first.request, first.operation, first.arm) == (ALL, ALL, "microservices")
    assert first.per_request == 2.0
    assert first.p50.value == pytest.approx(1.5, rel=0.03)
    assert first.p95 is not None
    assert first.p95.value == pytest.approx(15.0, rel=0.03)


def test_only_what_ended_in_the_window_counts(run: Run) -> None:
    found = hops(run)
    assert found.calls_per_journey == pytest.approx(dict.fromkeys(ARMS, 2.0))
    assert found.blocks == BLOCKS
    assert found.rate == RATE


def test_cpu_per_call_is_the_difference_of_the_apps(run: Run) -> None:
    found = hops(run)
    assert found.cpu_per_call is not None
    assert found.cpu_per_call.low < 0.5 < found.cpu_per_call.high
    assert found.cpu["microservices"]["app"].value == pytest.approx(12.0, rel=0.03)
    assert found.cpu["modulith"]["database"].value == pytest.approx(3.0)


def test_answers_tell_how_much_of_them_calls_covered(run: Run) -> None:
    [services, _] = hops(run).answers
    assert (services.wall_ms, services.cpu_ms, services.calls) == (20.0, 4.0, 2.0)
    assert services.covered == pytest.approx(0.75)


def test_blocks_with_a_voided_trial_are_left_out(tmp_path: Path) -> None:
    found = hops(traced_run(tmp_path, void=frozenset({1, 4})))
    assert (found.sound, found.blocks) == (True, BLOCKS - 2)
    assert found.calls[0].p50.blocks == BLOCKS - 2


def test_one_arm_alone_has_no_cpu_per_call(tmp_path: Path) -> None:
    found = hops(traced_run(tmp_path, arms=("microservices",)))
    assert found.cpu_per_call is None
    assert found.calls


def test_a_run_is_known_well_enough_by_its_least_known_level(tmp_path: Path) -> None:
    quiet = traced_run(tmp_path / "quiet", noise=1e-6)
    assert known_within(quiet, 0.05)
    assert not known_within(traced_run(tmp_path / "noisy", noise=0.2), 0.05)


def test_a_level_is_a_mean_with_students_interval() -> None:
    found = level([1.0, 2.0, 3.0])
    # t(0.975, 2) = 4.3027, times sqrt(1/3).
    assert (found.value, found.low, found.high) == pytest.approx((2.0, -0.4841, 4.4841), abs=1e-4)
    assert found.known_within(1.25)
    assert not found.known_within(1.24)
    assert level([5.0]).high == float("inf")
    with pytest.raises(ValueError, match="at least one block"):
        level([])


def test_a_positive_level_is_a_geometric_mean() -> None:
    found = positive_level([1.0, 2.0, 4.0])
    # exp(t(0.975, 2) ln 2 / sqrt 3) = 5.5951.
    assert (found.value, found.low, found.high) == pytest.approx(
        (2, 2 / 5.595, 2 * 5.595), rel=1e-3
    )
    with pytest.raises(ValueError, match="needs positive figures"):
        positive_level([1.0, 0.0])


def test_intervals_of_levels_hold_what_they_promise() -> None:
    random = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        found = level(random.normal(10.0, 2.0, 6).tolist())
        held += found.low <= 10.0 <= found.high
    assert 0.93 <= held / 2000 <= 0.97
