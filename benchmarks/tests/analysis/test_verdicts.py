from dataclasses import replace

import numpy as np
import pytest

from twinbench.analysis.ratios import Estimate, estimate
from twinbench.analysis.verdicts import holm, verdicts

SLOWER = estimate(np.log([1.5, 1.52, 1.49, 1.51]))
FASTER = estimate(np.log([0.5, 0.52, 0.49, 0.51]))
SAME = estimate(np.log([1.001, 0.999, 1.002, 0.998]))
UNCLEAR = estimate(np.log([1.5, 0.8, 1.1, 0.9]))


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == pytest.approx([1.0, 1.0])
    assert holm([]) == []


def test_the_four_verdicts() -> None:
    assert verdicts([SLOWER, FASTER, SAME, UNCLEAR]) == [
        "higher", "lower", "equivalent", "inconclusive",
    ]  # fmt: skip


def test_a_sure_but_small_difference_is_equivalence() -> None:
    assert verdicts([estimate(np.log([1.010, 1.011, 1.010, 1.009]))]) == ["equivalent"]


def test_more_rows_ask_for_more_certainty() -> None:
    almost = replace(UNCLEAR, p_different=0.03)
    assert verdicts([almost]) == ["higher"]
    assert verdicts([almost, *[UNCLEAR] * 5])[0] == "inconclusive"


def test_false_verdicts_over_a_table_stay_rare() -> None:
    """No row differs and none is equivalent: at most one table in twenty may say otherwise."""
    random = np.random.default_rng(8)

    def table() -> list[Estimate]:
        return [estimate(random.normal(0, 0.3, 4)) for _ in range(10)]

    false = sum(any(verdict != "inconclusive" for verdict in verdicts(table())) for _ in range(400))
    assert false / 400 <= 0.075
