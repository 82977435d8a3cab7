"""Windows, effects and reads of a run whose truth is known."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.synthetic import provenance, trial_row
from twinbench.analysis.audits import audits
from twinbench.analysis.consistency import Consistency, consistency
from twinbench.experiments.consistency import TABLES
from twinbench.experiments.design import Slot
from twinbench.results.rows import (
    AnyRow,
    AuditRow,
    PendingRow,
    ReadRow,
    TallyRow,
    WindowRow,
)
from twinbench.results.store import Run, RunWriter

ARMS = ("monolith", "microservices")
BLOCKS = 2
SEEN = {"monolith": 10.0, "microservices": 40.0}
"""Of a notification, in milliseconds; the services' copy of a price is as late."""
FINDING = "order 7 (rejected) is reserved"


def write_run(root: Path, *, void: frozenset[int] = frozenset()) -> Run:
    origin = provenance((6.0,), BLOCKS, ARMS)
    configuration = origin.configuration | {"rate": 6.0, "kills": 3, "probers": 2}
    origin = replace(origin, experiment="consistency", configuration=configuration)
    writer = RunWriter.create(root, origin, tables=TABLES)
    number = 0
    for block in range(BLOCKS):
        for arm in ARMS:
            for part in ("idle", "load", "reads", "kills"):
                number += 1
                writer.add_trial(number, rows_of(number, block, arm, part, void))
    writer.finish()
    return Run.open(writer.folder)


def rows_of(
    number: int, block: int, arm: str, part: str, void: frozenset[int]
) -> dict[str, Sequence[AnyRow]]:
    place: dict[str, Any] = {"trial": number, "block": block, "arm": arm}
    if part == "reads":
        # The page with stock takes twice the local read in one arm, six times in the other.
        times = {"catalog": 1, "catalog and inventory": 2 if arm == "monolith" else 6}
        speed = 0.001 if arm == "monolith" else 0.002
        reads = [ReadRow(**place, read=r, requests=100, seconds=1.0, cpu_seconds=100 * n * speed)
                 for r, n in times.items()]  # fmt: skip
        return {"reads": reads}
    wrong = arm == "microservices" and part == "kills" and block == 1
    rows: dict[str, Sequence[AnyRow]] = {
        "audits": [
            AuditRow(number, arm, checked=True, orders=9, settled_s=number / 10,
                     findings=(FINDING,) if wrong else ())
        ],
        "tallies": [TallyRow(**place, part=part, effect="charges",
                             due=10 if part == "idle" else 30, lost=int(wrong), doubled=0)],
    }  # fmt: skip
    if part == "kills":
        waits = ((0.5, "confirmed"), (4.0, "confirmed"), (12.0, "rejected"))
        rows["pending"] = [
            PendingRow(**place, order=f"{number}-{index}", pending_s=seconds, status=status)
            for index, (seconds, status) in enumerate(waits)
        ]
        return rows
    late = 5.0 if part == "load" else 1.0
    rows["windows"] = [
        WindowRow(**place, part=part, effect="order: told", unseen_ms=late * SEEN[arm] - 2,
                  seen_ms=late * SEEN[arm] * (1 + index % 2), reads=3)
        for index in range(61)
    ]  # fmt: skip
    if part == "load":
        slot = Slot(block, number, arm, 6.0, seed=1)
        rows["trials"] = [trial_row(number, slot, factor=1.0, void=number in void)]
    return rows


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Consistency:
    return consistency(write_run(tmp_path_factory.mktemp("runs")))


def test_windows_are_told_by_arm_and_part(found: Consistency) -> None:
    windows = {(one.arm, one.part): one for one in found.windows}
    idle, load = windows["microservices", "idle"], windows["microservices", "load"]
    assert idle.count == 122
    assert [idle.p50, idle.most] == pytest.approx([40, 80])
    assert [load.p50, load.p99] == pytest.approx([200, 400])
    assert windows["monolith", "idle"].p50 == pytest.approx(10)
    assert idle.within_ms == pytest.approx(2)
    assert idle.unseen == 0


def test_voided_trials_are_left_out_while_others_remain(tmp_path: Path) -> None:
    found = consistency(write_run(tmp_path / "one", void=frozenset({2})))
    assert found.sound
    windows = {(one.arm, one.part): one.count for one in found.windows}
    assert (windows["monolith", "load"], windows["microservices", "load"]) == (61, 122)
    assert not consistency(write_run(tmp_path / "all", void=frozenset({2, 10}))).sound


def test_effects_are_those_of_the_last_tally_and_of_the_kills(found: Consistency) -> None:
    effects = {one.arm: (one.due, one.lost, one.doubled) for one in found.effects}
    assert effects == {"monolith": (120, 0, 0), "microservices": (120, 1, 0)}


def test_orders_that_waited_for_a_second_were_left(found: Consistency) -> None:
    left = {one.arm: one for one in found.left}["monolith"]
    assert (left.kills, left.count, left.completed) == (6, 4, 2)
    assert (left.p50, left.most) == (4.0, 12.0)
    assert left.settled_s == pytest.approx(1.2)


def test_reads_are_set_beside_the_local_one_and_the_first_arm(found: Consistency) -> None:
    reads = {(one.arm, one.read): one for one in found.reads}
    composed = reads["microservices", "catalog and inventory"]
    assert composed.cpu_ms.value == pytest.approx(12)
    assert composed.beyond_local.ratio == pytest.approx(6)
    assert composed.against is not None
    assert composed.against.ratio == pytest.approx(3)
    assert reads["monolith", "catalog and inventory"].against is None
    assert reads["microservices", "catalog"].against is None


def test_audits_are_told_by_arm(tmp_path: Path) -> None:
    monolith, services = audits(write_run(tmp_path))
    assert (monolith.checked, monolith.findings) == (6, ())
    assert services.findings == ((16, FINDING),)
