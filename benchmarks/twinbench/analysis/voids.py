"""Whether the gates were even-handed: they must not sort one arm's minutes more than another's.

Most gates look at the machine, but an arm that wakes more processes gives the hypervisor more
occasions to take time. Its valid trials are then those of calmer minutes than the others had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_DRAWS: Final = 10_000
_TOLERANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Voids:
    """Of every arm, how many trials were voided, and of how many.

    `chance`: how often shares so uneven, or more so, come about if voiding knows no arms; 1 where
    no trial was voided or all were.
    """

    counts: Mapping[str, tuple[int, int]]
    chance: float

    @property
    def total(self) -> int:
        return sum(voided for voided, _ in self.counts.values())


def voids(trials: Sequence[tuple[str, bool]], *, seed: int = 0) -> Voids:
    """Of trials as (arm, valid), in any order.

    Pearson's chi-square over arms, its distribution by drawing the voided trials anew from all of
    them (multivariate hypergeometric, given both margins: Patefield 1981), for trials are few.
    """
    arms = tuple(dict.fromkeys(arm for arm, _ in trials))
    made = np.array([sum(own == arm for own, _ in trials) for arm in arms])
    voided = np.array([sum(own == arm and not valid for own, valid in trials) for arm in arms])
    counts = {arm: (int(bad), int(all_)) for arm, bad, all_ in zip(arms, voided, made, strict=True)}
    total = int(voided.sum())
    if total in {0, len(trials)}:
        return Voids(counts, 1.0)
    random = np.random.default_rng(seed)
    drawn = random.multivariate_hypergeometric(made, total, size=_DRAWS)
    as_uneven = _unevenness(drawn, made) >= _unevenness(voided, made) - _TOLERANCE
    return Voids(counts, (1 + int(as_uneven.sum())) / (1 + _DRAWS))


def _unevenness(voided: NDArray[np.int64], made: NDArray[np.int64]) -> NDArray[np.float64]:
    """Pearson's chi-square over the last axis, but for factors that both margins fix."""
    expected = made * (voided.sum(axis=-1, keepdims=True) / made.sum())
    found: NDArray[np.float64] = ((voided - expected) ** 2 / made).sum(axis=-1)
    return found
