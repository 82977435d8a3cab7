"""How long an experiment of scaling may take, what it does with the time, and what was asked."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from twinbench.experiments.gates import Gates
from twinbench.experiments.profiles import Timing
from twinbench.experiments.settings import made
from twinbench.load.workload import Workload, default_workload

_UNLIMITED: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class ScalingProfile:
    """Climbs: rates from `lowest` to `highest` of what the arm could serve by its CPU time per
    journey, each 1 + `resolution` times the one before and `step_s` long. What a journey costs is
    learnt in `learning_s` before.

    `levels` of each factor. One block is made in any case; after it, what would end later than
    `budget_s` after the start is not begun.

    Of the factor `skew` levels are shares of hot requests, 0 for the usual mix. What is demanded
    then is `demand` of what the arm that can serve least could serve at most with that mix. Every
    replica has one of `slices` of the arm's cores, and a trial of the search is `probe_s` long.
    """

    name: str
    levels: Mapping[str, tuple[float, ...]]
    lowest: float
    highest: float
    resolution: float
    step_s: float
    learning_s: float
    warmup_s: float
    drain_s: float
    warming_s: float
    blocks: int
    budget_s: float
    judged: bool
    demand: float = 0.3
    slices: int = 4
    probe_s: float = 12.0

    @property
    def shares(self) -> tuple[float, ...]:
        """Of what the arm could serve, ascending."""
        count = 1 + round(math.log(self.highest / self.lowest) / math.log1p(self.resolution))
        return tuple(self.lowest * (1 + self.resolution) ** step for step in range(count))

    @property
    def timing(self) -> Timing:
        measure_s = self.step_s * len(self.shares)
        return Timing(self.warmup_s, measure_s, tail_s=0.0, drain_s=self.drain_s)

    @property
    def probing(self) -> Timing:
        """Of a search's trials: what has just been started is driven for as long as it takes to
        learn what a journey costs."""
        return Timing(self.learning_s, self.probe_s, tail_s=0.5, drain_s=self.drain_s)


SCALING_PROFILES: Final = {
    profile.name: profile
    for profile in (
        ScalingProfile(
            name="smoke", levels={"work": (1000.0,)}, lowest=0.3, highest=1.2,
            resolution=1.0, step_s=2.0, learning_s=2.0, warmup_s=0.5, drain_s=3.0, warming_s=0.0,
            blocks=1, budget_s=0.0, judged=False,
        ),
        ScalingProfile(
            name="quick", levels={"cpus": (0.4, 0.6, 0.8, 1.0), "skew": (0.9,)}, lowest=0.5,
            highest=1.5, resolution=0.25, step_s=2.0, learning_s=3.0, warmup_s=1.0, drain_s=3.0,
            warming_s=8.0, blocks=1, budget_s=285.0, judged=False, probe_s=6.0,
        ),
        ScalingProfile(
            name="standard",
            levels={
                "cpus": (0.4, 0.6, 0.8, 1.0),
                "replicas": (3.0,),
                "hot": (3.0,),
                "gateways": (2.0,),
                "work": (1000.0,),
                "skew": (0.0, 0.5, 0.9),
            },
            lowest=0.5, highest=1.6, resolution=0.15, step_s=3.0, learning_s=6.0, warmup_s=1.5,
            drain_s=5.0, warming_s=30.0, blocks=_UNLIMITED, budget_s=2640.0, judged=True,
        ),
        ScalingProfile(
            name="full",
            levels={
                "cpus": (0.3, 0.4, 0.6, 0.8, 1.0),
                "replicas": (2.0, 4.0, 8.0),
                "hot": (2.0, 4.0, 8.0),
                "gateways": (2.0,),
                "work": (20.0, 1000.0, 3000.0),
                "skew": (0.0, 0.3, 0.5, 0.7, 0.9),
            },
            lowest=0.5, highest=1.6, resolution=0.05, step_s=6.0, learning_s=10.0, warmup_s=2.0,
            drain_s=10.0, warming_s=60.0, blocks=_UNLIMITED, budget_s=86_400.0, judged=True,
            probe_s=30.0,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScalingSettings:
    """What is to be run on which arms, by which `objective`, and where its folder goes."""

    profile: ScalingProfile
    arms: tuple[str, ...]
    seed: int
    out: Path
    objective: Mapping[str, float]
    gates: Gates = field(default_factory=Gates)
    workload: Workload = field(default_factory=default_workload)

    def configuration(self) -> dict[str, Any]:
        own = {
            "arms": list(self.arms),
            "gates": asdict(self.gates),
            "objective": dict(self.objective),
            "measure_s": self.profile.timing.measure_s,
        }
        return own | asdict(self.profile) | asdict(self.workload)

    @classmethod
    def of(cls, document: Mapping[str, Any], folder: Path) -> "ScalingSettings":
        """Those that the run in `folder` was begun with."""
        configuration = document["configuration"]
        profile = made(ScalingProfile, configuration)
        levels = {factor: tuple(own) for factor, own in profile.levels.items()}
        return cls(
            profile=replace(profile, levels=levels),
            arms=tuple(configuration["arms"]),
            seed=document["seed"],
            out=folder.parent,
            objective=configuration["objective"],
            gates=made(Gates, configuration["gates"]),
            workload=made(Workload, configuration),
        )
