"""How a budget is divided, and when it is refused."""

import pytest

from twinbench.engines.protocol import Abilities, EngineError, Part
from twinbench.experiments.budgets import Budget, even, limit_of, require_possible, right_sized

ALL = Abilities((0, 1, 2), cpu_budget=True, memory_budget=True, explanation="")
NONE = Abilities((0, 1, 2), cpu_budget=False, memory_budget=False, explanation="cores only")


def test_right_sizes_follow_use_above_a_floor() -> None:
    shares = right_sized({"web": 6.0, "db": 3.0, "idle": 0.0})
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["idle"] == pytest.approx(0.02)
    assert (shares["web"] - 0.02) == pytest.approx(2 * (shares["db"] - 0.02))


def test_the_floor_leaves_half_of_the_budget_to_use() -> None:
    shares = right_sized({f"c{number}": float(number == 0) for number in range(50)})
    assert shares["c0"] == pytest.approx(0.51)


def test_without_use_all_get_the_same() -> None:
    assert right_sized({"a": 0.0, "b": 0.0}) == even(("a", "b"))


def test_parts_sum_to_the_budget() -> None:
    shares = even(("web", "db"))
    limit = limit_of(Budget(1.5, None, "even"), (0, 1), cpu=shares, memory=shares)
    assert limit.parts == (Part("web", 0.75, None), Part("db", 0.75, None))
    assert limit_of(Budget(1.5), (0, 1)).parts == ()


@pytest.mark.parametrize(
    ("budget", "abilities", "complaint"),
    [
        (Budget(partition="even"), ALL, "partition even divides a budget: give one with --cpus"),
        (Budget(cpus=3), ALL, "3 CPUs are more than the 2 cores that an arm has here"),
        (Budget(cpus=1), NONE, "no CPU budgets here: cores only"),
        (Budget(1, 10**9), NONE, "no CPU and memory budgets here: cores only"),
    ],
)
def test_what_cannot_be_kept_is_refused(
    budget: Budget, abilities: Abilities, complaint: str
) -> None:
    with pytest.raises(EngineError, match=complaint):
        require_possible(budget, abilities, (0, 1))
