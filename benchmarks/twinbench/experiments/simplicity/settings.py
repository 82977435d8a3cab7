"""How long a run of simplicity may take, and what it looks at."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class SimplicityProfile:
    """Each arm is started from nothing once and then, in each of `blocks`, with its data there,
    to rest for `idle_s` seconds. With no blocks it rests after the first start. `suites` says
    whether tests are run and timed. `starts`: the only arms that are started (None: all) where none
    are named; the others are counted.
    """

    name: str
    blocks: int
    idle_s: float
    suites: bool
    budget_s: float
    starts: tuple[str, ...] | None = None


SIMPLICITY_PROFILES: Final = {
    profile.name: profile
    for profile in (
        SimplicityProfile(
            "smoke", blocks=0, idle_s=1.0, suites=False, budget_s=55.0,
            starts=("monolith", "microservices"),
        ),
        SimplicityProfile("quick", blocks=2, idle_s=3.0, suites=True, budget_s=300.0),
        SimplicityProfile("standard", blocks=8, idle_s=10.0, suites=True, budget_s=1500.0),
        SimplicityProfile("full", blocks=24, idle_s=30.0, suites=True, budget_s=7200.0),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SimplicitySettings:
    """What is to be looked at, which of it is started, and where the run's folder goes."""

    profile: SimplicityProfile
    arms: tuple[str, ...]
    started: tuple[str, ...]
    seed: int
    out: Path

    def configuration(self) -> Mapping[str, Any]:
        own = {"arms": list(self.arms), "started": list(self.started)}
        return own | asdict(self.profile)
