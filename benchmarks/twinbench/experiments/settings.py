"""What a run was asked to do: told by the command line, kept in the run, read again to resume."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, TypeVar

from twinbench.experiments.budgets import Budget
from twinbench.experiments.gates import Gates
from twinbench.experiments.profiles import (
    CapacityProfile,
    ConsistencyProfile,
    LatencyProfile,
    ScalingProfile,
)
from twinbench.load.workload import default_workload

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class LatencySettings:
    """What is to be run on which arms, and where its folder goes."""

    profile: LatencyProfile
    arms: tuple[str, ...]
    seed: int
    out: Path
    gates: Gates = field(default_factory=Gates)
    budget: Budget = field(default_factory=Budget)

    def configuration(self) -> dict[str, Any]:
        own = {
            "arms": list(self.arms),
            "gates": asdict(self.gates),
            "budget": asdict(self.budget),
        }
        return own | asdict(self.profile) | asdict(default_workload())

    @classmethod
    def of(cls, document: Mapping[str, Any], folder: Path) -> "LatencySettings":
        """Those that the run in `folder` was begun with."""
        configuration = document["configuration"]
        profile = _made(LatencyProfile, configuration)
        return cls(
            profile=replace(profile, rates=()) if profile.levels else profile,
            arms=tuple(configuration["arms"]),
            seed=document["seed"],
            out=folder.parent,
            gates=_made(Gates, configuration["gates"]),
            budget=_made(Budget, configuration["budget"]),
        )


@dataclass(frozen=True, slots=True)
class CapacitySettings:
    """What is to be searched, and by which `objective` (plain values, for the run's document)."""

    profile: CapacityProfile
    arms: tuple[str, ...]
    seed: int
    out: Path
    objective: Mapping[str, float]
    gates: Gates = field(default_factory=Gates)
    budget: Budget = field(default_factory=Budget)

    def configuration(self) -> dict[str, Any]:
        own = {
            "arms": list(self.arms),
            "gates": asdict(self.gates),
            "budget": asdict(self.budget),
            "objective": dict(self.objective),
        }
        return own | asdict(self.profile) | asdict(default_workload())

    @classmethod
    def of(cls, document: Mapping[str, Any], folder: Path) -> "CapacitySettings":
        """Those that the run in `folder` was begun with."""
        configuration = document["configuration"]
        return cls(
            profile=_made(CapacityProfile, configuration),
            arms=tuple(configuration["arms"]),
            seed=document["seed"],
            out=folder.parent,
            objective=configuration["objective"],
            gates=_made(Gates, configuration["gates"]),
            budget=_made(Budget, configuration["budget"]),
        )


@dataclass(frozen=True, slots=True)
class ScalingSettings:
    """What is to be run on which arms, by which `objective`, and where its folder goes."""

    profile: ScalingProfile
    arms: tuple[str, ...]
    seed: int
    out: Path
    objective: Mapping[str, float]
    gates: Gates = field(default_factory=Gates)

    def configuration(self) -> dict[str, Any]:
        own = {
            "arms": list(self.arms),
            "gates": asdict(self.gates),
            "objective": dict(self.objective),
            "measure_s": self.profile.timing.measure_s,
        }
        return own | asdict(self.profile) | asdict(default_workload())

    @classmethod
    def of(cls, document: Mapping[str, Any], folder: Path) -> "ScalingSettings":
        """Those that the run in `folder` was begun with."""
        configuration = document["configuration"]
        profile = _made(ScalingProfile, configuration)
        levels = {factor: tuple(own) for factor, own in profile.levels.items()}
        return cls(
            profile=replace(profile, levels=levels),
            arms=tuple(configuration["arms"]),
            seed=document["seed"],
            out=folder.parent,
            objective=configuration["objective"],
            gates=_made(Gates, configuration["gates"]),
        )


@dataclass(frozen=True, slots=True)
class ConsistencySettings:
    """What is to be run on which arms, and where its folder goes."""

    profile: ConsistencyProfile
    arms: tuple[str, ...]
    seed: int
    out: Path
    gates: Gates = field(default_factory=Gates)
    budget: Budget = field(default_factory=Budget)

    def configuration(self) -> dict[str, Any]:
        own = {
            "arms": list(self.arms),
            "gates": asdict(self.gates),
            "budget": asdict(self.budget),
        }
        return own | asdict(self.profile) | asdict(default_workload())


def _made(kind: type[T], values: Mapping[str, Any]) -> T:
    """A dataclass from the plain values it was written as."""
    given = {field.name: values[field.name] for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in given.items()})
