"""How much of `modularity` is done, and what it was asked to do."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from twinbench.experiments.gates import Gates
from twinbench.experiments.modularity.boundaries import BUILDS
from twinbench.load.workload import Workload, default_workload

_CUSTOMERS: Final = 16


@dataclass(frozen=True, slots=True)
class ModularityProfile:
    """Each arm is traced for `trace_s` seconds at `rate` journeys per second, then through
    `orders` orders that customers cancel and staff ship. Of all change requests the reach is
    measured; the tests of the first `proved` (None: all) are run before and after, and with
    `suites` those of every project, once.
    """

    name: str
    rate: float
    trace_s: float
    orders: int
    proved: int | None
    suites: bool

    @property
    def tests(self) -> bool:
        """Whether any are run."""
        return self.suites or self.proved != 0


MODULARITY_PROFILES: Final = {
    profile.name: profile
    for profile in (
        ModularityProfile("smoke", rate=8.0, trace_s=4.0, orders=12, proved=0, suites=False),
        ModularityProfile("quick", rate=8.0, trace_s=8.0, orders=20, proved=2, suites=False),
        ModularityProfile("standard", rate=8.0, trace_s=20.0, orders=40, proved=None, suites=True),
    )
}


def of_each_alike() -> Workload:
    """So that none of the journeys is left out by chance in a short time, by a few customers."""
    usual = default_workload()
    return replace(usual, mix=dict.fromkeys(usual.mix, 1.0), customers=_CUSTOMERS)


@dataclass(frozen=True, slots=True)
class ModularitySettings:
    """What is to be done, and where the run's folder goes."""

    profile: ModularityProfile
    seed: int
    out: Path
    arms: tuple[str, ...] = BUILDS
    gates: Gates = field(default_factory=Gates)
    workload: Workload = field(default_factory=of_each_alike)

    def configuration(self) -> dict[str, Any]:
        own = {"arms": list(self.arms), "gates": asdict(self.gates)}
        return own | asdict(self.profile) | asdict(self.workload)
