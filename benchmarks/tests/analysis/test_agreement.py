"""How much later effects are seen, of runs whose truth is known."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.test_consistency import ARMS, BLOCKS, write_run
from twinbench.analysis.agreement import Agreement, Later, Wrong, agreement, levels_of, medians_of
from twinbench.analysis.consistency import consistency
from twinbench.analysis.ratios import estimate
from twinbench.analysis.verdicts import verdicts
from twinbench.results.store import Run

MONOLITH, MICROSERVICES = ARMS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("run"))


def beside(run: Run) -> Agreement:
    return agreement(run, consistency(run), arm=MICROSERVICES, base=MONOLITH)


def test_windows_are_set_beside_each_other_by_part(run: Run) -> None:
    known = beside(run)
    assert [one.part for one in known.later] == ["idle", "load"]
    assert [one.estimate.ratio for one in known.later] == pytest.approx([4.0, 4.0])
    assert {one.estimate.blocks for one in known.later} == {BLOCKS}
    assert levels_of(medians_of(run, sound=True))["load", "order: told", MICROSERVICES].value == (
        pytest.approx(200.0)
    )


def test_what_was_lost_is_a_fact(run: Run) -> None:
    known = beside(run)
    assert (known.wrong.count, known.wrong.due, known.base_wrong.count) == (1, 120, 0)
    assert 1 / 120 < known.wrong.high < 0.06
    assert known.judgement == "holds"


def test_an_unsound_run_says_nothing_of_windows(tmp_path: Path) -> None:
    known = beside(write_run(tmp_path, void=frozenset({2, 10})))
    assert not known.sound
    spared = Agreement(known.later, known.base_wrong, known.base_wrong, known.sound)
    assert spared.judgement == "open"


@pytest.mark.parametrize(("factor", "held"), [(1.0, 0.05), (1.5, 0.85)])
def test_false_verdicts_are_rare_and_true_ones_are_not(factor: float, held: float) -> None:
    random = np.random.default_rng(6)
    nothing = Wrong(0, 100, 0.04)
    judged = []
    for _ in range(400):
        both = [estimate(np.log(factor) + random.normal(0, 0.15, 8)) for _ in range(2)]
        later = tuple(
            Later(part, one, verdict)
            for part, one, verdict in zip(("idle", "load"), both, verdicts(both), strict=True)
        )
        judged.append(Agreement(later, nothing, nothing, sound=True).judgement)
    share = np.mean([one == "holds" for one in judged])
    assert share >= held if factor > 1 else share <= held
