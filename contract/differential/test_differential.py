"""No difference is tolerated."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from differential.run import Comparison
from differential.world import Tally
from driver.shop import Shop


def test_arms_answer_alike(
    shops: list[Shop], pool: ThreadPoolExecutor, tally: Tally, pytestconfig: pytest.Config
) -> None:
    steps = pytestconfig.getoption("--steps")
    Comparison(shops, pool, tally).run(steps=steps, seed=pytestconfig.getoption("--seed"))
    assert tally.steps >= steps
    assert tally.differences == 0
