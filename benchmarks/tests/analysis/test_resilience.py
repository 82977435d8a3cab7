"""Runs with faults whose truth is known: which journeys fail, when, and what is made of it."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from rich.console import Console
from scipy import stats

from tests.synthetic import ARMS, provenance, resource_rows, trial_row
from twinbench.analysis.overloads import OVERLOAD, PEAK, REFUSED, Failed
from twinbench.analysis.resilience import BASELINE, Course, Resilience, resilience
from twinbench.analysis.struck import ALL, wilson
from twinbench.experiments.design import Slot
from twinbench.load.recorder import Outcome, Row, requests_table
from twinbench.report.resilience import print_resilience
from twinbench.results.resilience import FaultRow, PromiseRow
from twinbench.results.store import Run, RunWriter

FAULT = "hang: orders"
ALL_FAULTS = (FAULT, PEAK, OVERLOAD)
# Trials of `synthetic` measure from 2 s to 8 s; the fault holds from 2 s to 5 s.
BEGINS, ENDS, EVERY = 2.0, 5.0, 0.05


def journeys(
    *, wait: float, failing: tuple[float, float], status: int = 503, error: str = "Bad"
) -> Iterator[Row]:
    """One every 0.05 s, buying and browsing in turn; those that buy and begin then, fail."""
    for number in range(160):
        due = number * EVERY
        kind = "buy" if number % 2 else "browse"
        failed = kind == "buy" and failing[0] <= due < failing[1]
        outcome = Outcome(due + wait, status if failed else 200, 1, None, error if failed else None)
        yield Row(number, kind, 0, f"{kind} 0", due, due, outcome)


def run_with(root: Path, trials: Sequence[tuple[str, str, Sequence[Row], bool]]) -> Run:
    """A finished run of (arm, fault, requests, void) in this order."""
    origin = provenance((20.0,), 1)
    configuration = origin.configuration | {
        "faults": list(ALL_FAULTS), "fault_s": ENDS - BEGINS, "absent": {arm: {} for arm in ARMS},
    }  # fmt: skip
    origin = replace(origin, experiment="resilience", configuration=configuration)
    writer = RunWriter.create(root, origin, tables=("trials", "resources", "faults", "promises"))
    for number, (arm, fault, requests, void) in enumerate(trials, start=1):
        table = requests_table(list(requests), trial=number, origin=0.0)
        pq.write_table(table, writer.requests_path(number))
        row = trial_row(number, Slot(0, number, arm, 20.0, 1), factor=1.0, void=void)
        begins, ends = round(BEGINS * 1e9), round(ENDS * 1e9)
        component = "" if fault in {BASELINE, PEAK, OVERLOAD} else "orders"
        struck = FaultRow(number, arm, fault, component, begins, ends, ends + 10**9, 7)
        rows = {"trials": [row], "resources": resource_rows(number, arm, 1.0), "faults": [struck]}
        if component:
            rows["promises"] = [PromiseRow(number, arm, fault, "it goes on", not void, "201")]
        writer.add_trial(number, rows)  # type: ignore[arg-type]
    writer.finish()
    return Run.open(writer.folder)


def usual(wait: float = 0.1) -> list[Row]:
    return list(journeys(wait=wait, failing=(0, 0)))


def struck_run(root: Path) -> Run:
    """The monolith's buying fails from 2 s to 6 s; the microservices only wait."""
    one, other = ARMS
    return run_with(
        root,
        [
            (one, BASELINE, usual(), False),
            (other, BASELINE, usual(), False),
            (one, FAULT, list(journeys(wait=0.1, failing=(2.0, 6.0))), False),
            (other, FAULT, usual(0.3), False),
            (one, PEAK, usual(), False),
            (one, OVERLOAD, list(journeys(wait=0.1, failing=(0, 9), status=429)), False),
        ],
    )


@pytest.fixture
def struck(tmp_path: Path) -> Run:
    return struck_run(tmp_path)


def test_a_cell_counts_what_came_while_the_fault_held(struck: Run) -> None:
    cells = {(one.fault, one.arm, one.journey): one for one in resilience(struck).cells}
    buy = cells[FAULT, ARMS[0], "buy"]
    assert (buy.journeys, buy.success, buy.goodput, buy.goodput_ratio) == (30, 0.0, 0.0, 0.0)
    assert buy.p95_ms is None
    browse = cells[FAULT, ARMS[0], "browse"]
    assert (browse.journeys, browse.success, browse.goodput_ratio) == (30, 1.0, 1.0)
    together = cells[FAULT, ARMS[0], ALL]
    assert together.success == 0.5
    assert together.goodput_ratio == pytest.approx(0.5)
    assert together.low < 0.5 < together.high
    slow = cells[FAULT, ARMS[1], "buy"]
    assert slow.success == 1.0
    assert slow.p95_ms == pytest.approx(300)
    assert slow.p95_ratio == pytest.approx(3)


def test_a_course_is_told_by_those_who_failed(struck: Run) -> None:
    courses = {(one.fault, one.arm): one for one in resilience(struck).courses}
    assert set(courses) == {(FAULT, arm) for arm in ARMS}
    failing = courses[FAULT, ARMS[0]]
    # The first to fail began at 2.05 s and was told at 2.15; the last one began at 5.95.
    assert times_of(failing) == pytest.approx([0.15, 0.95, 1.0])
    assert (failing.component, failing.trials, failing.bites) == ("orders", 1, 7)
    assert times_of(courses[FAULT, ARMS[1]]) == [None, 0.0, 1.0]


def times_of(course: Course) -> list[float | None]:
    return [course.detected_s, course.recovered_s, course.ready_s]


def test_what_fails_to_the_end_has_not_recovered(tmp_path: Path) -> None:
    rows = list(journeys(wait=0.1, failing=(2.0, 8.0)))
    run = run_with(tmp_path, [(ARMS[0], BASELINE, usual(), False), (ARMS[0], FAULT, rows, False)])
    [course] = resilience(run).courses
    assert course.recovered_s is None


def test_overload_is_a_share_of_the_goodput_at_the_peak(struck: Run) -> None:
    [over] = resilience(struck).overloads
    assert over.arm == ARMS[0]
    assert over.kept == pytest.approx(0.5)
    assert over.answered == pytest.approx(0.5)
    assert over.failed == Failed(refused=0.0, bare=1.0, otherwise=0.0)
    assert over.memory[0] == over.memory[1] == over.memory[2] > 0
    assert not over.withstood


@pytest.mark.parametrize(
    ("status", "error", "expected"),
    [
        (503, REFUSED, Failed(1.0, 0.0, 0.0)),
        (503, "Bad", Failed(0.0, 1.0, 0.0)),
        (500, "Bad", Failed(0.0, 0.0, 1.0)),
    ],
)
def test_a_refusal_says_when_to_come_again(
    tmp_path: Path, status: int, error: str, expected: Failed
) -> None:
    """A tenth of the journeys is refused, so most of the goodput is kept."""
    rows = list(journeys(wait=0.1, failing=(2.0, 2.6), status=status, error=error))
    run = run_with(tmp_path, [(ARMS[0], PEAK, usual(), False), (ARMS[0], OVERLOAD, rows, False)])
    [over] = resilience(run).overloads
    assert over.failed == expected
    assert over.kept == over.answered == pytest.approx(0.9)
    assert over.withstood == (expected.bare == 0)


def test_promises_are_of_valid_trials(tmp_path: Path) -> None:
    trials = [(arm, BASELINE, usual(), False) for arm in ARMS]
    trials += [(ARMS[0], FAULT, usual(), False), (ARMS[1], FAULT, usual(), True)]
    found = resilience(run_with(tmp_path, trials))
    [promise] = found.promises
    assert (promise.arm, promise.kept, promise.asked, promise.seen) == (ARMS[0], 1, 1, ("201",))
    assert found.missing == ((FAULT, ARMS[1]),)
    assert not found.sound


@pytest.mark.parametrize(("succeeded", "of"), [(0, 10), (5, 10), (10, 10), (997, 1000)])
def test_intervals_of_shares_are_wilsons(succeeded: int, of: int) -> None:
    expected = stats.binomtest(succeeded, of).proportion_ci(method="wilson")
    assert wilson(succeeded, of) == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_tables_hold_what_a_reader_needs(struck: Run) -> None:
    text = printed(struck, resilience(struck))
    for wanted in (
        FAULT, "100% 1.00 3.0x", "50% 0.50", "never", "kept: it goes on", "no Retry-After",
    ):  # fmt: skip
        assert wanted in text
    assert max(map(len, text.splitlines())) <= 100
    assert "…" not in text


def printed(run: Run, found: Resilience) -> str:
    output = io.StringIO()
    print_resilience(Console(file=output, width=100), run, found)
    return output.getvalue()
