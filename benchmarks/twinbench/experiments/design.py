"""Randomised complete blocks: which arm runs when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twinbench.load.arrivals import Segment


@dataclass(frozen=True, slots=True)
class Slot:
    """One trial to be: at `rate`, in `block`, as the `position`-th of the whole run.

    `seed` decides the load. It is shared by the arms of a block, so they are asked the same.
    `course` is how the rate goes through the measured window, if not `rate` throughout.
    """

    block: int
    position: int
    arm: str
    rate: float
    seed: int
    course: tuple[Segment, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """What blocks hold: each of `rates`, lowest first, with the arms that are asked for it.

    Those of `curve` are in every `curve_every`-th block only, the first among them: what is judged
    needs more blocks than what is only drawn. A block follows from seed and number alone, so that
    a run that was broken off goes on as it would have gone on.
    """

    rates: Mapping[float, Sequence[str]]
    seed: int
    curve: frozenset[float] = frozenset()
    curve_every: int = 1

    @property
    def arms(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(arm for arms in self.rates.values() for arm in arms))

    def slots_in(self, number: int) -> int:
        return sum(len(self.rates[rate]) for rate in self._rates_in(number))

    def _rates_in(self, number: int) -> list[float]:
        whole = number % self.curve_every == 0
        return sorted(rate for rate in self.rates if whole or rate not in self.curve)

    def _slots_before(self, number: int) -> int:
        whole = -(-number // self.curve_every)
        return whole * self.slots_in(0) + (number - whole) * self.slots_in(1)

    def block(self, number: int) -> list[Slot]:
        """Each arm once at each of its rates; rates, and arms within a rate, in random order.

        The arms of one rate run back to back, so that what drifts with time drifts alike for all.
        """
        order = np.random.default_rng([self.seed, number])
        rates = self._rates_in(number)
        slots: list[Slot] = []
        for index in order.permutation(len(rates)):
            seeds = np.random.SeedSequence([self.seed, number, int(index)])
            load_seed = int(seeds.generate_state(1)[0])
            arms = self.rates[rates[index]]
            for arm in order.permutation(len(arms)):
                position = self._slots_before(number) + len(slots)
                slots.append(Slot(number, position, arms[arm], rates[index], load_seed))
        return slots

    def order_of_arms(self, block: int) -> list[str]:
        """For what is done to each arm once in a block, before its trials."""
        order = np.random.default_rng([self.seed, block, len(self.rates)])
        return [self.arms[index] for index in order.permutation(len(self.arms))]


def randomised_blocks(
    *, arms: Sequence[str], rates: Sequence[float], blocks: int, seed: int
) -> list[Slot]:
    """Several blocks in which every arm runs at every rate."""
    design = Design({rate: tuple(arms) for rate in sorted(rates)}, seed)
    return [slot for number in range(blocks) for slot in design.block(number)]
