"""How long a run of decentralization may take, and what it does."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class DecentralizationProfile:
    """In each of `blocks` every one of so many `capabilities` (None: all) is edited and put in
    place in each arm, no further block begins after `budget_s`. `tests` says whether they are run,
    `move` whether a library is moved, which asks a package registry. The report is made after so
    many `orders`, `repetitions` times by each way.
    """

    name: str
    blocks: int
    capabilities: int | None
    tests: bool
    move: bool
    orders: int
    repetitions: int
    budget_s: float


DECENTRALIZATION_PROFILES: Final = {
    profile.name: profile
    for profile in (
        DecentralizationProfile(
            "smoke", blocks=1, capabilities=1, tests=False, move=False, orders=4, repetitions=2,
            budget_s=50.0,
        ),
        DecentralizationProfile(
            "quick", blocks=1, capabilities=None, tests=True, move=True, orders=40,
            repetitions=10, budget_s=240.0,
        ),
        DecentralizationProfile(
            "standard", blocks=6, capabilities=None, tests=True, move=True, orders=400,
            repetitions=50, budget_s=1800.0,
        ),
        DecentralizationProfile(
            "full", blocks=24, capabilities=None, tests=True, move=True, orders=2000,
            repetitions=200, budget_s=7200.0,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DecentralizationSettings:
    """What is to be done on which arms, and where the run's folder goes."""

    profile: DecentralizationProfile
    arms: tuple[str, ...]
    seed: int
    out: Path

    def configuration(self) -> Mapping[str, Any]:
        return {"arms": list(self.arms)} | asdict(self.profile)
