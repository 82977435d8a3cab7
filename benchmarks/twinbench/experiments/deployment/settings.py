"""How long a run of deployments may take, and which it makes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from twinbench.engines.protocol import ReplaceStrategy
from twinbench.experiments.budgets import Budget
from twinbench.experiments.deployment.releases import Flavour
from twinbench.experiments.gates import Gates
from twinbench.load.workload import default_workload

DEPLOYED_ARMS: Final = ("monolith", "microservices")
"""The modulith is deployed as a whole, as the monolith is: it adds little here."""

HALF: Final = 0.5
"""Of what an arm could serve by the utilisation law: the load under which it is deployed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One deployment of each arm in a block; measured for `measure_s`, as long as it may take.

    `replicas`: of what serves, there before it begins.
    """

    flavour: Flavour
    strategy: ReplaceStrategy
    measure_s: float
    replicas: int = 1


@dataclass(frozen=True, slots=True)
class DeploymentProfile:
    """Durations in seconds. A deployment begins `before_s` after the measured window does.

    Blocks go on until there are `blocks`, or the next would end later than `budget_s` after the
    start; the first is made in any case. `rate` is in journeys per second; None is half of what
    each arm could serve, as seen while it warmed up for at most `warming_s`. `judged` says whether
    figures that were disturbed make the run a failure.
    """

    name: str
    steps: tuple[Step, ...]
    blocks: int
    budget_s: float
    before_s: float
    rate: float | None
    warming_s: float
    judged: bool = True
    warmup_s: float = 1.5
    tail_s: float = 0.5
    drain_s: float = 5.0


_STEPS: Final = (
    Step("code", "recreate", 14.0),
    Step("code", "rolling", 14.0),
    Step("code", "blue-green", 14.0),
    Step("schema", "rolling", 18.0),
    Step("broken", "rolling", 8.0),
)

DEPLOYMENT_PROFILES: Final = {
    profile.name: profile
    for profile in (
        DeploymentProfile(
            name="smoke", steps=(Step("code", "rolling", 10.0),), blocks=1, budget_s=45.0,
            before_s=2.0, rate=5.0, warming_s=0.0, judged=False,
        ),
        DeploymentProfile(
            name="quick", steps=_STEPS, blocks=1, budget_s=240.0, before_s=3.0, rate=None,
            warming_s=6.0,
        ),
        DeploymentProfile(
            name="replacements", steps=(Step("code", "rolling", 20.0),), blocks=10,
            budget_s=1200.0, before_s=4.0, rate=None, warming_s=6.0,
        ),
        DeploymentProfile(
            name="standard",
            steps=(
                *_STEPS, Step("broken", "recreate", 20.0), Step("broken", "rolling", 20.0, 2),
                Step("code", "rolling", 24.0, 2),
            ),
            blocks=10, budget_s=4500.0, before_s=3.5, rate=None, warming_s=30.0,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DeploymentSettings:
    """What is to be deployed on which arms, and where the run's folder goes."""

    profile: DeploymentProfile
    arms: tuple[str, ...]
    seed: int
    out: Path
    gates: Gates = field(default_factory=Gates)
    budget: Budget = field(default_factory=Budget)

    def configuration(self) -> Mapping[str, Any]:
        own = {
            "arms": list(self.arms),
            "gates": asdict(self.gates),
            "budget": asdict(self.budget),
        }
        return own | asdict(self.profile) | asdict(default_workload())
