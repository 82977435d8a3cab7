"""Paces of two arms whose truth is known, side by side."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic import provenance
from twinbench.analysis.autonomy import autonomy, seconds_of, soonest
from twinbench.analysis.decentralization import decentralization
from twinbench.experiments.decentralization.experiment import TABLES
from twinbench.results.decentralization import PaceRow, ReachRow
from twinbench.results.store import Run, RunWriter

ARMS = ("monolith", "microservices")
Edit = tuple[int, str, str, float | None, float]
"""Block, arm, capability, seconds of tests, seconds until it is served."""


def run_of(root: Path, *edits: Edit) -> Run:
    origin = replace(provenance((6.0,), 2, ARMS), experiment="decentralization")
    writer = RunWriter.create(root, origin, tables=TABLES)
    rows = [
        PaceRow(1, block, arm, capability, suites=(), test_s=test_s, tests=1, failed=0,
                build_s=0.0, serve_s=serve_s, components=(capability,))
        for block, arm, capability, test_s, serve_s in edits
    ]  # fmt: skip
    reaches = [ReachRow(1, arm, "cart", arm, own=1, shared=0, others=0, refused=0) for arm in ARMS]
    writer.add_trial(1, {"paces": rows, "reaches": reaches})
    writer.finish()
    return Run.open(writer.folder)


def test_a_pace_is_the_mean_over_capabilities_of_each_block(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        (0, "monolith", "cart", 6.0, 2.0), (0, "microservices", "cart", 1.0, 1.0),
        (0, "monolith", "orders", 6.0, 3.0), (0, "microservices", "orders", 5.0, 4.0),
        (1, "monolith", "cart", 6.0, 2.0), (1, "microservices", "cart", 3.0, 1.0),
        (1, "monolith", "payments", 6.0, 2.0),
    )  # fmt: skip
    found = autonomy(run, decentralization(run), arm="microservices", base="monolith")
    assert found is not None
    assert found.pace.blocks == 2
    assert found.pace.ratio == pytest.approx(0.5)  # 1/4 and 1, then 1/2
    assert (found.verdict, found.judgement) == ("lower", "holds")  # and data are alike
    assert soonest(decentralization(run), "monolith") is None


def test_what_one_arm_did_not_test_counts_without_tests_in_all(tmp_path: Path) -> None:
    run = run_of(
        tmp_path,
        (0, "monolith", "cart", 60.0, 2.0), (0, "microservices", "cart", None, 1.0),
        (0, "monolith", "orders", 6.0, 2.0), (0, "microservices", "orders", 1.0, 1.0),
    )  # fmt: skip
    assert seconds_of(run)["cart", "monolith"] == {0: 2.0}
    assert seconds_of(run)["orders", "monolith"] == {0: 8.0}


def test_arms_that_share_no_capability_are_not_compared(tmp_path: Path) -> None:
    run = run_of(
        tmp_path, (0, "monolith", "cart", None, 2.0), (0, "microservices", "orders", None, 1.0)
    )
    assert autonomy(run, decentralization(run), arm="microservices", base="monolith") is None
