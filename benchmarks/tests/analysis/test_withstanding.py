"""What arms keep under faults, of cells whose truth is known."""

import numpy as np
import pytest

from twinbench.analysis.overloads import PEAK
from twinbench.analysis.resilience import BASELINE, Cell, Resilience
from twinbench.analysis.struck import ALL
from twinbench.analysis.withstanding import withstood

ARMS = ("monolith", "microservices")
FAULTS = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def cell(fault: str, arm: str, success: float, journeys: int = 50) -> Cell:
    share = round(success * journeys) / journeys
    return Cell(fault, arm, ALL, journeys, share, 0.0, 1.0, 1.0, 1.0, None, None)


def found(shares: dict[str, tuple[float, ...]]) -> Resilience:
    cells = [
        cell(fault, arm, success)
        for arm, own in shares.items()
        for fault, success in zip(FAULTS, own, strict=False)
    ]
    cells += [cell(name, arm, 1.0) for arm in shares for name in (BASELINE, PEAK)]
    return Resilience(
        arms=ARMS, faults=(BASELINE, *FAULTS, PEAK), cells=tuple(cells), courses=(), promises=(),
        overloads=(), missing=(), absent={arm: {} for arm in ARMS},
    )  # fmt: skip


def judgement(shares: dict[str, tuple[float, ...]]) -> str:
    known = withstood(found(shares), arm="microservices", base="monolith")
    assert known is not None
    assert not {BASELINE, PEAK} & set(known.faults)
    return known.judgement


def test_who_keeps_more_under_every_fault_holds() -> None:
    less, more = (0.0, 0.2, 0.1, 0.0, 0.3, 0.1), (0.6, 0.7, 0.8, 0.5, 0.9, 0.6)
    assert judgement(dict(zip(ARMS, (less, more), strict=True))) == "holds"
    assert judgement(dict(zip(ARMS, (more, less), strict=True))) == "refuted"


def test_faults_that_go_either_way_leave_it_open() -> None:
    one, other = (0.0, 0.9, 0.1, 0.8), (0.9, 0.1, 0.8, 0.0)
    assert judgement(dict(zip(ARMS, (one, other), strict=True))) == "open"


def test_a_single_fault_leaves_it_open() -> None:
    assert judgement({"monolith": (0.0,), "microservices": (1.0,)}) == "open"


def test_only_faults_of_both_count() -> None:
    known = withstood(
        found({"monolith": (0.5, 0.5, 0.5), "microservices": (0.5,)}),
        arm="microservices",
        base="monolith",
    )
    assert known is not None
    assert known.faults == ("one",)
    assert withstood(found({"monolith": (0.5,)}), arm="microservices", base="monolith") is None


@pytest.mark.parametrize(("lift", "wanted"), [(0.0, 0.05), (0.3, 0.85)])
def test_false_verdicts_are_rare_and_true_ones_are_not(lift: float, wanted: float) -> None:
    """Faults differ more than arms do: what a fault does to one arm it mostly does to the other."""
    random = np.random.default_rng(4)
    verdicts = []
    for _ in range(300):
        severe = random.uniform(0.1, 0.6, len(FAULTS))
        sides = (
            tuple(random.binomial(50, np.clip(severe + more + random.normal(0, 0.1, 8), 0, 1)) / 50)
            for more in (0.0, lift)
        )
        verdicts.append(judgement(dict(zip(ARMS, sides, strict=True))))
    share = np.mean([one == "holds" for one in verdicts])
    assert share >= wanted if lift else share <= wanted
