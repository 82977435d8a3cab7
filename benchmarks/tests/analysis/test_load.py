import math
from dataclasses import replace
from pathlib import Path

import pytest

from tests.synthetic import write_run
from twinbench.analysis.blocks import Column, Measure, Stage, stages
from twinbench.analysis.capacity import Objective
from twinbench.analysis.load import crossing, knee, telling_rate, waits_by_rate

RATES = (10.0, 20.0, 40.0)


def test_a_crossing_lies_where_the_logarithm_reaches_the_level() -> None:
    assert crossing(RATES, (10.0, 10.0, 1000.0), 100.0) == pytest.approx(30.0)
    assert crossing(RATES, (10.0, 20.0, 40.0), 20.0) == pytest.approx(20.0)


def test_what_never_reaches_the_level_has_no_crossing() -> None:
    assert crossing(RATES, (10.0, 20.0, 40.0), 100.0) is None
    assert crossing((), (), 1.0) is None


def test_what_begins_beyond_the_level_crosses_at_the_first_rate() -> None:
    assert crossing(RATES, (300.0, 400.0, 500.0), 200.0) == 10.0


def test_an_endless_wait_is_reached_at_the_rate_before_it() -> None:
    assert crossing(RATES, (10.0, 20.0, math.inf), 100.0) == 20.0


def test_a_knee_is_where_waits_have_doubled() -> None:
    assert knee(RATES, (10.0, 10.0, 40.0)) == pytest.approx(30.0)
    assert knee(RATES, (10.0, 11.0, 12.0)) is None
    assert knee((), ()) is None


def test_the_telling_rate_is_the_highest_that_all_arms_serve_as_promised(tmp_path: Path) -> None:
    found = stages(write_run(tmp_path, blocks=2))
    assert telling_rate(found, Objective(limit_ms=1e6)) == 40.0
    assert telling_rate(found, Objective(limit_ms=1e-3)) == 20.0
    alone = replace(found[1], arms=("monolith",), columns=only(found[1], "monolith"))
    assert telling_rate([found[0], alone], Objective(limit_ms=1e6)) == 20.0
    assert list(waits_by_rate([found[0], alone], 95)["monolith"]) == [20.0, 40.0]
    assert list(waits_by_rate([found[0], alone], 95)["microservices"]) == [20.0]


def only(stage: Stage, arm: str) -> dict[Measure, dict[str, Column]]:
    return {measure: {arm: own[arm]} for measure, own in stage.columns.items()}
