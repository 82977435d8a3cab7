"""What capacity costs, of climbs whose truth is known."""

from pathlib import Path

import pytest

from tests.scaling_run import CASES, scaling_run
from tests.synthetic import ARMS
from twinbench.analysis.costs import Worth, costs, reach_of, telling_case, worth
from twinbench.analysis.scaling import Scaling, scaling

MONOLITH, MICROSERVICES = ARMS


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Scaling:
    return scaling(scaling_run(tmp_path_factory.mktemp("run")))


def beside(found: Scaling) -> Worth:
    known = worth(found, arm=MICROSERVICES, base=MONOLITH)
    assert known is not None
    return known


def test_every_case_of_every_arm_has_its_costs(found: Scaling) -> None:
    known = costs(found)
    assert len(known) == len(CASES) * len(ARMS)
    one = next(c for c in known if (c.factor, c.arm) == ("hot", MONOLITH))
    assert one.capacity.value == pytest.approx(40, rel=0.1)
    assert one.megabytes is not None
    assert one.megabytes.value == pytest.approx(400 / one.capacity.value, rel=0.01)


def test_the_hot_part_tells_most(found: Scaling) -> None:
    assert telling_case(found) == ("hot", 3.0)
    assert reach_of(found, ("hot", 3.0), MONOLITH).arm == MONOLITH
    known = beside(found)
    assert known.per_cpu.ratio == pytest.approx(0.6, rel=0.1)
    assert known.per_gb.ratio == pytest.approx(0.3, rel=0.1)
    assert known.judgement == "refuted"


def test_more_for_less_holds(tmp_path: Path) -> None:
    run = scaling_run(tmp_path, factor=1.7, memory=0.8, blocks=4)
    assert beside(scaling(run)).judgement == "holds"


def test_without_a_hot_part_nothing_is_judged(tmp_path: Path) -> None:
    known = beside(scaling(scaling_run(tmp_path, cases=(("cpus", 1.0),), blocks=4)))
    assert (known.factor, known.hot, known.judgement) == ("cpus", False, "open")


def test_one_block_leaves_it_open(tmp_path: Path) -> None:
    assert beside(scaling(scaling_run(tmp_path, blocks=1))).judgement == "open"


def test_a_voided_arm_has_no_worth(tmp_path: Path) -> None:
    run = scaling_run(tmp_path, void=frozenset({MICROSERVICES}), blocks=2)
    assert worth(scaling(run), arm=MICROSERVICES, base=MONOLITH) is None
