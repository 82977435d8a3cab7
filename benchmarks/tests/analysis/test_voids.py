"""Gates that void one arm more than others are found out, and those that do not are not."""

import numpy as np
import pytest

from twinbench.analysis.voids import voids


def trials(**counts: tuple[int, int]) -> list[tuple[str, bool]]:
    """`voided` of `made` trials of each arm."""
    return [(arm, number >= bad) for arm, (bad, made) in counts.items() for number in range(made)]


def test_counts_are_those_of_each_arm() -> None:
    found = voids(trials(monolith=(1, 4), microservices=(0, 3)))
    assert found.counts == {"monolith": (1, 4), "microservices": (0, 3)}
    assert found.total == 1


@pytest.mark.parametrize("bad", [0, 5])
def test_none_or_all_voided_says_nothing(bad: int) -> None:
    assert voids(trials(monolith=(bad, 5), microservices=(bad, 5))).chance == 1


def test_two_arms_agree_with_the_exact_test() -> None:
    """3 of 3 against 0 of 3: 2 of the 20 ways to choose three are as uneven."""
    assert voids(trials(a=(3, 3), b=(0, 3))).chance == pytest.approx(0.1, abs=0.01)


def test_what_falls_on_one_arm_is_found() -> None:
    assert voids(trials(monolith=(0, 20), microservices=(9, 20), modulith=(1, 20))).chance < 0.01


def test_what_knows_no_arms_is_seldom_accused() -> None:
    random = np.random.default_rng(5)
    accused = 0
    for _ in range(400):
        bad = random.binomial((30, 40, 20), 0.15)
        made = zip("abc", bad, (30, 40, 20), strict=True)
        found = voids(trials(**{arm: (int(one), all_) for arm, one, all_ in made}))
        accused += found.chance < 0.05
    assert accused / 400 < 0.08
