"""Figures of a run whose truth is known."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic import provenance
from twinbench.analysis.simplicity import WHOLE, Simplicity, simplicity
from twinbench.experiments.simplicity.experiment import TABLES
from twinbench.results.simplicity import FigureRow
from twinbench.results.store import Run, RunWriter

ARMS = ("monolith", "microservices", "modulith", "groups")
APPS = {"monolith": 3, "modulith": 1, "groups": 3, "microservices": 8}


def write_run(root: Path, *, arms: tuple[str, ...] = ARMS, blocks: int = 2) -> Run:
    origin = replace(provenance((6.0,), blocks, arms), experiment="simplicity")
    writer = RunWriter.create(root, origin, tables=TABLES)
    for number, arm in enumerate(arms, start=1):
        counted = [
            ("components", "app", APPS[arm]), ("components", "gateway", 1),
            ("lines", "business", 1000), ("lines", "tests", 500 + APPS[arm]),
            ("dependencies", "asked for by name", 3), ("dependencies", "in all", 40),
            ("steps", "migrate", APPS[arm]), ("steps", "start a server", 2 * APPS[arm]),
            ("suite_s", "one", 2.0), ("suite_s", "two", 3.0),
        ]  # fmt: skip
        rows = [FigureRow(number, 0, arm, *one) for one in counted]
        writer.add_trial(number, {"figures": rows})
        for block in range(blocks):
            stood = [
                ("start_s", "", 2.0 + block), ("memory_bytes", "app", 30e6 * APPS[arm]),
                ("memory_bytes", "gateway", 10e6), ("idle_cpu_ms_per_s", "app", 5.0 * APPS[arm]),
            ]  # fmt: skip
            again = 10 * number + block
            rows = [FigureRow(again, block, arm, *one) for one in stood]
            writer.add_trial(again, {"figures": rows})
    writer.finish({"stopped_by": "blocks", "seconds": {}, "outside_share": 0.0})
    return Run.open(writer.folder)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Simplicity:
    return simplicity(write_run(tmp_path_factory.mktemp("results")))


def values(found: Simplicity, name: str, part: str) -> dict[str, float]:
    [line] = [one for one in found.lines if (one.known.name, one.part) == (name, part)]
    return {arm: level.value for arm, level in line.by_arm.items()}


def test_parts_are_told_and_summed(found: Simplicity) -> None:
    assert values(found, "lines", "business")["groups"] == 1000
    assert values(found, "lines", WHOLE)["microservices"] == 1508
    assert values(found, "suite_s", "")["monolith"] == 5


def test_what_is_part_of_another_is_not_added_to_it(found: Simplicity) -> None:
    assert values(found, "dependencies", "in all") == dict.fromkeys(ARMS, 40)
    told = [one.part for one in found.lines if one.known.name == "dependencies"]
    assert told == ["asked for by name", "in all"]


def test_what_was_measured_has_an_interval_over_blocks(found: Simplicity) -> None:
    [start] = [one for one in found.lines if one.known.name == "start_s"]
    assert start.by_arm["groups"].value == 2.5
    assert start.by_arm["groups"].low < 2
    assert start.by_arm["groups"].high > 3
    assert values(found, "memory_bytes", WHOLE)["microservices"] == 250


def test_each_further_split_has_its_price(found: Simplicity) -> None:
    assert dict(found.grouped) == {"modulith": 1, "groups": 3, "microservices": 8}
    by_name = {one.known.name: one for one in found.splits}
    assert list(by_name["memory_bytes"].values) == [40, 100, 250]
    assert by_name["memory_bytes"].prices == pytest.approx((30, 30))
    assert by_name["lines"].prices == pytest.approx((1, 1))
    assert list(by_name["dependencies"].values) == [40, 40, 40]
    assert by_name["dependencies"].prices == (0, 0)


def test_what_was_not_seen_is_said(found: Simplicity) -> None:
    assert "images" in found.missing
    assert "lines of code" not in found.missing
