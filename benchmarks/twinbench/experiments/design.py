"""Randomised complete blocks: which arm runs when."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Slot:
    """One trial to be: at `rate`, in `block`, as the `position`-th of the whole run.

    `seed` decides the load. It is shared by the arms of a block, so they are asked the same.
    """

    block: int
    position: int
    arm: str
    rate: float
    seed: int


def randomised_blocks(
    *, arms: Sequence[str], rates: Sequence[float], blocks: int, seed: int
) -> list[Slot]:
    """Every block runs each arm once at each rate; rates, and arms within a rate, in random order.

    The arms of one rate run back to back, so that what drifts with time drifts alike for both.
    """
    order = np.random.default_rng(seed)
    slots: list[Slot] = []
    for block in range(blocks):
        for index in order.permutation(len(rates)):
            load_seed = int(np.random.SeedSequence([seed, block, int(index)]).generate_state(1)[0])
            for arm in order.permutation(len(arms)):
                slots.append(Slot(block, len(slots), arms[arm], rates[index], load_seed))
    return slots
