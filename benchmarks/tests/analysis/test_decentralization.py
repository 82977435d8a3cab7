"""Paces, reaches, moves and reports of a run whose truth is known."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic import provenance
from twinbench.analysis.decentralization import Decentralization, decentralization
from twinbench.experiments.decentralization.experiment import TABLES
from twinbench.results.decentralization import MoveRow, PaceRow, ReachRow, ReportRow
from twinbench.results.rows import AnyRow
from twinbench.results.store import Run, RunWriter

ARMS = ("monolith", "microservices")
WAYS = {"monolith": ("one query",), "microservices": ("composed", "fed")}


def write_run(root: Path) -> Run:
    origin = replace(provenance((6.0,), 2, ARMS), experiment="decentralization")
    writer = RunWriter.create(root, origin, tables=TABLES)
    for number, arm in enumerate(ARMS, start=1):
        apart = arm == "microservices"
        paces = [
            PaceRow(number, block, arm, capability, suites=(capability,),
                    test_s=None if capability == "cart" else 10.0, tests=5, failed=0,
                    build_s=1.0, serve_s=2.0 + block + apart,
                    components=(capability,) if apart else ("web", "worker"))
            for block in (0, 1) for capability in ("cart", "orders")
        ]  # fmt: skip
        reaches = [
            ReachRow(number, arm, capability, role=capability if apart else "shop", own=2,
                     shared=3, others=0 if apart else 20, refused=7 if apart else 0)
            for capability in ("cart", "orders")
        ]  # fmt: skip
        reports = [
            ReportRow(number, block, arm, way, lines=10, requests=1, sales=4,
                      ms=1.0 + block, stale_ms=5.0 * (1 + block))
            for block in (0, 1) for way in WAYS[arm]
        ]  # fmt: skip
        move = MoveRow(number, arm, "web", "granian", "1", "2", ("web",), (), "serves")
        tables: dict[str, list[AnyRow]] = {
            "paces": [*paces], "reaches": [*reaches], "reports": [*reports], "moves": [move],
        }  # fmt: skip
        writer.add_trial(number, tables)
    writer.finish({"stopped_by": "blocks", "seconds": {}, "outside_share": 0.0})
    return Run.open(writer.folder)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Decentralization:
    return decentralization(write_run(tmp_path_factory.mktemp("results")))


def test_paces_are_medians_over_blocks(found: Decentralization) -> None:
    pace = {(one.capability, one.arm): one for one in found.paces}
    assert pace["orders", "monolith"].serve_s == 2.5
    assert pace["orders", "monolith"].whole_s == 13.5
    assert pace["cart", "microservices"].test_s is None
    assert pace["cart", "microservices"].whole_s == 4.5
    typical = {one.arm: one for one in found.typical}
    assert (typical["monolith"].fastest_s, typical["monolith"].slowest_s) == (3.5, 13.5)
    assert typical["monolith"].components == 2


def test_reach_is_told_arm_by_arm(found: Decentralization) -> None:
    owned = {one.arm: one for one in found.owned}
    assert (owned["monolith"].roles, owned["monolith"].others) == (1, 20)
    assert (owned["microservices"].roles, owned["microservices"].refused) == (2, 7)


def test_ways_to_the_report(found: Decentralization) -> None:
    assert [one.way for one in found.reported] == ["one query", "composed", "fed"]
    first = found.reported[0]
    assert (first.ms, first.stale_ms, first.most_stale_ms) == (1.5, 7.5, 10)
