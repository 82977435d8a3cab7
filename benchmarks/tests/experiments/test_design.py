from collections import Counter
from typing import Any

import pytest

from twinbench.experiments.bench import TooFewCoresError, divide_cores
from twinbench.experiments.conservation import InFlight
from twinbench.experiments.design import Design, randomised_blocks
from twinbench.experiments.gates import Conditions, Gates, reasons_to_void
from twinbench.experiments.latency import headline_rates, rates_up_to_the_knee

ARMS = ("monolith", "microservices")


def test_blocks_are_complete_and_arms_adjacent() -> None:
    slots = randomised_blocks(arms=ARMS, rates=(5.0, 12.0), blocks=6, seed=1)
    assert [slot.position for slot in slots] == list(range(24))
    assert set(Counter((slot.block, slot.rate, slot.arm) for slot in slots).values()) == {1}
    for one, two in zip(slots[::2], slots[1::2], strict=True):
        assert (one.block, one.rate, one.seed) == (two.block, two.rate, two.seed)
        assert {one.arm, two.arm} == set(ARMS)


def test_order_is_random_but_the_seed_decides_it() -> None:
    def order(seed: int) -> list[tuple[str, float]]:
        slots = randomised_blocks(arms=ARMS, rates=(5.0, 12.0), blocks=50, seed=seed)
        return [(slot.arm, slot.rate) for slot in slots]

    assert order(1) == order(1)
    assert order(1) != order(2)
    first = Counter(arm for arm, _ in order(1)[::2])
    assert min(first.values()) > 30


def test_every_block_and_rate_has_a_load_of_its_own() -> None:
    slots = randomised_blocks(arms=ARMS, rates=(5.0, 12.0), blocks=10, seed=1)
    assert len({slot.seed for slot in slots}) == 20


def test_the_curve_is_in_some_blocks_only() -> None:
    design = Design(
        dict.fromkeys((5.0, 12.0, 20.0), ARMS), seed=1, curve=frozenset({5.0, 20.0}), curve_every=3
    )
    blocks = [design.block(number) for number in range(7)]
    assert [len(block) for block in blocks] == [6, 2, 2, 6, 2, 2, 6]
    assert [design.slots_in(number) for number in range(7)] == [len(block) for block in blocks]
    assert [slot.position for block in blocks for slot in block] == list(range(26))
    assert {slot.rate for slot in blocks[1]} == {12.0}


def test_headlines_are_rates_that_all_arms_are_asked_for() -> None:
    able = {"monolith": 25.0, "microservices": 15.0}
    rates = rates_up_to_the_knee(able, (0.2, 0.4, 0.6, 0.8, 0.95, 1.1))
    found = headline_rates(rates, able, (0.4, 0.8))
    assert len(found) == 2
    assert all(set(rates[rate]) == set(able) for rate in found)
    for rate, share in zip(sorted(found), (0.4, 0.8), strict=True):
        assert rate / 15 == pytest.approx(share, rel=0.25)
    assert headline_rates(rates, able, ()) == frozenset(rates)


@pytest.mark.parametrize(
    ("cores", "generator", "arm"),
    [((0, 1), (1,), (0,)), ((0, 1, 2, 3), (3,), (0, 1, 2)), (range(8), (6, 7), tuple(range(6)))],
)
def test_generator_and_arm_share_no_core(
    cores: tuple[int, ...], generator: tuple[int, ...], arm: tuple[int, ...]
) -> None:
    division = divide_cores(cores)
    assert (division.generator, division.arm) == (generator, arm)


def test_one_core_is_refused() -> None:
    with pytest.raises(TooFewCoresError, match="two cores"):
        divide_cores((0,))


FINE = Conditions(
    offered_rate=10, achieved_rate=10, lag_p99_ms=1, generator_cpu=0.1, steal=0, foreign=0,
    restarts=0, swap_bytes=0, in_flight=InFlight(1.0, 1.0, 0.01),
)  # fmt: skip


def test_a_good_trial_passes_every_gate() -> None:
    assert reasons_to_void(FINE, Gates()) == ()


@pytest.mark.parametrize(
    ("flaw", "reason"),
    [
        ({"lag_p99_ms": 7.25}, "requests left late: p99 7.2 ms"),
        ({"generator_cpu": 0.81}, "generator too busy: 81% of its core"),
        ({"achieved_rate": 9.8}, "rate not achieved: off by 2.0%"),
        ({"steal": 0.08}, "hypervisor took time: 8.0%"),
        ({"foreign": 0.2}, "other programs ran: 20% of the arm's cores"),
        ({"restarts": 1}, "restarts nobody asked for: 1"),
        ({"swap_bytes": 3_000_000}, "memory swapped: 3 MB"),
        (
            {"in_flight": InFlight(sampled=0.9, by_rows=1.0, error=0.01)},
            "Little's law broken: 0.90 requests under way, 1.00 by the rows",
        ),
    ],
)
def test_each_gate_voids_with_its_reason(flaw: dict[str, Any], reason: str) -> None:
    values = {name: getattr(FINE, name) for name in FINE.__slots__} | flaw
    assert reasons_to_void(Conditions(**values), Gates()) == (reason,)
