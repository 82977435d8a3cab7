"""The search for the fewest replicas, on simulated arms whose answer is known."""

from collections.abc import Callable, Mapping
from math import ceil

import numpy as np
import pytest

from twinbench.analysis.cheapest import Cheapest, Replicas, Room, Tried, next_step

SLICE = 0.25
# Busier than this, waiting is too long.
KNEE = 0.75
MOST = 4
Needs = Mapping[str, float]


def arm(needs: Needs) -> Callable[[Replicas], Tried]:
    """An arm whose components need so many CPUs each: it meets the objective below the knee."""

    def trial(replicas: Replicas) -> Tried:
        busy = {name: needs[name] / (SLICE * count) for name, count in replicas.items()}
        held = {name: min(share, 1.0) for name, share in busy.items()}
        return Tried(dict(replicas), max(busy.values()) <= KNEE, held)

    return trial


def searched(room: Room, trial: Callable[[Replicas], Tried]) -> tuple[Cheapest, list[Tried]]:
    tried: list[Tried] = []
    while not isinstance(step := next_step(room, tried), Cheapest):
        tried.append(trial(step))
        assert len(tried) < 60
    return step, tried


def fewest(needs: Needs) -> dict[str, int]:
    return {name: max(1, ceil(need / (SLICE * KNEE) - 1e-9)) for name, need in needs.items()}


@pytest.mark.parametrize("seed", range(20))
def test_the_fewest_are_found(seed: int) -> None:
    random = np.random.default_rng(seed)
    count = random.integers(1, 9)
    needs = {f"part{n}": random.uniform(0.0, MOST * SLICE * KNEE) for n in range(count)}
    found, tried = searched(Room(tuple(needs), MOST), arm(needs))
    assert found.replicas == fewest(needs)
    # Up together and down one by one: far from all combinations.
    assert len(tried) <= MOST * (count + 1)


def test_what_is_hot_alone_is_found_soon() -> None:
    """Eight parts, of which one needs three: three trials, as nothing else was ever given more."""
    needs = {f"part{n}": 0.05 for n in range(7)} | {"hot": 0.5}
    found, tried = searched(Room(tuple(needs), MOST), arm(needs))
    assert found.replicas == fewest(needs) == dict.fromkeys(needs, 1) | {"hot": 3}
    assert len(tried) == 3


def test_too_much_is_told() -> None:
    needs = {"web": 0.9, "other": 0.1}
    found, _ = searched(Room(tuple(needs), MOST), arm(needs))
    assert found.replicas is None
    assert not found.void


def test_void_trials_are_made_again_and_end_a_search_in_the_end() -> None:
    needs = {"web": 0.3}
    room, trial = Room(("web",), MOST), arm(needs)
    void = Tried({"web": 1}, meets=True, busy={}, valid=False)
    assert next_step(room, [void]) == {"web": 1}
    assert next_step(room, [trial({"web": 1}), void, void]) == {"web": 2}
    assert next_step(room, [void] * room.voids) == Cheapest(None, room.voids, void=True)


def test_doubtful_trials_miss_by_one_at_most() -> None:
    """Near the knee chance decides; a search over one part then ends beside the fewest."""
    random = np.random.default_rng(7)
    ends = []
    for need in random.uniform(0.1, 0.6, size=200):
        true = arm({"web": need})

        def trial(replicas: Replicas, true: Callable[[Replicas], Tried] = true) -> Tried:
            seen = true(replicas)
            near = abs(seen.busy["web"] - KNEE) < 0.1 and random.random() < 0.5
            return Tried(seen.replicas, seen.meets != near, seen.busy)

        found, _ = searched(Room(("web",), MOST), trial)
        assert found.replicas is not None
        ends.append(found.replicas["web"] - fewest({"web": need})["web"])
    assert set(ends) <= {-1, 0, 1}
    assert np.mean(np.array(ends) == 0) > 0.7
