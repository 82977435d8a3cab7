"""Which faults a run of resilience has, and how long each lasts."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from twinbench.experiments.faults import FAULTS, Fault
from twinbench.experiments.gates import Gates
from twinbench.experiments.profiles import Timing
from twinbench.load.workload import default_workload


@dataclass(frozen=True, slots=True)
class ResilienceProfile(Timing):
    """`measure_s` is the window, of which faults hold in the first `fault_s`; at `rate` journeys
    per second but for overload. Blocks are made while the next would end within `budget_s`, one in
    any case; `arms` are those that are taken where none are asked for (none: all). `judged` says
    whether faults without a valid trial make the run a failure."""

    name: str
    rate: float
    fault_s: float
    blocks: int
    budget_s: float
    warming_s: float
    judged: bool
    faults: tuple[str, ...]
    arms: tuple[str, ...] = ()


_QUICK: Final = (
    "hang: recommendations", "SIGKILL: orders", "SIGSTOP: inventory", "down: database",
    "down: broker", "peak", "overload",
)  # fmt: skip
_STANDARD: Final = (
    *(name for name in FAULTS if name.endswith(": recommendations")),
    *(name for name in FAULTS if name.startswith("hang: ")),
    *(name for name, fault in FAULTS.items() if fault.means == "proxy"),
    *(name for name in FAULTS if name.startswith("SIGKILL: ") and " of " not in name),
    "SIGSTOP: inventory", "SIGSTOP: database", "SIGSTOP: broker", "peak", "overload",
)  # fmt: skip

RESILIENCE_PROFILES: Final = {
    profile.name: profile
    for profile in (
        ResilienceProfile(
            name="smoke", rate=6.0, warmup_s=1.0, measure_s=3.0, fault_s=1.5, tail_s=0.2,
            drain_s=2.0, blocks=1, budget_s=30.0, warming_s=0.0, judged=False,
            faults=("hang: recommendations", "down: acquirer"),
            arms=("monolith", "microservices"),
        ),
        ResilienceProfile(
            name="quick", rate=10.0, warmup_s=1.5, measure_s=5.0, fault_s=2.5, tail_s=0.5,
            drain_s=3.0, blocks=1, budget_s=270.0, warming_s=6.0, judged=True, faults=_QUICK,
        ),
        ResilienceProfile(
            name="standard", rate=10.0, warmup_s=2.0, measure_s=12.0, fault_s=5.0, tail_s=1.0,
            drain_s=5.0, blocks=1, budget_s=2640.0, warming_s=15.0, judged=True,
            faults=tuple(dict.fromkeys(_STANDARD)),
        ),
        ResilienceProfile(
            name="full", rate=10.0, warmup_s=3.0, measure_s=25.0, fault_s=10.0, tail_s=1.0,
            drain_s=10.0, blocks=5, budget_s=86_400.0, warming_s=30.0, judged=True,
            faults=tuple(FAULTS),
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ResilienceSettings:
    """What is to be run on which arms, and where its folder goes."""

    profile: ResilienceProfile
    arms: tuple[str, ...]
    seed: int
    out: Path
    gates: Gates = field(default_factory=Gates)

    @property
    def faults(self) -> tuple[Fault, ...]:
        return tuple(FAULTS[name] for name in self.profile.faults)

    def configuration(self) -> dict[str, Any]:
        own = {"arms": list(self.arms), "gates": asdict(self.gates)}
        return asdict(self.profile) | own | asdict(default_workload())
