from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic import provenance
from twinbench.analysis.floors import compare_floors
from twinbench.results.rows import SaturationRow
from twinbench.results.store import Run, RunWriter


def floors_run(root: Path, *, goal: float = 0.55) -> Run:
    """The arm needs 2 ms of CPU a request where its floor needs 1.2, and serves half as many."""
    own = replace(
        provenance((), 2),
        experiment="floors",
        configuration={"arms": ["monolith"], "goals": {"monolith": {"list": goal}}, "blocks": 2},
    )
    writer = RunWriter.create(root, own, tables=("saturation",))
    for block in (0, 1):
        for target, requests, milliseconds in (("floor", 2000, 1.2), ("arm", 1000, 2.0)):
            row = SaturationRow(
                trial=2 * block + (target == "arm"), block=block, arm="monolith", page="list",
                target=target, seconds=2.0, requests=requests,
                cpu_seconds=requests * milliseconds / 1000, steal=0.0,
            )  # fmt: skip
            writer.add_trial(row.trial, {"saturation": [row]})
    writer.finish()
    return Run.open(writer.folder)


def test_shares_are_of_what_the_floor_does(tmp_path: Path) -> None:
    (share,) = compare_floors(floors_run(tmp_path, goal=0.55))
    assert share.cpu_share.ratio == pytest.approx(0.6)
    assert share.throughput_share.ratio == pytest.approx(0.5)
    assert (share.floor_cpu_ms, share.arm_cpu_ms) == pytest.approx((1.2, 2.0))
    assert (share.floor_rate, share.arm_rate) == pytest.approx((1000, 500))
    assert share.reached


def test_a_goal_that_is_missed_is_not_reached(tmp_path: Path) -> None:
    (share,) = compare_floors(floors_run(tmp_path, goal=0.65))
    assert not share.reached
