"""What was asked on the command line, made into settings or refused in one line."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

from twinbench import topology
from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.capacity import Objective
from twinbench.analysis.comparison import compare
from twinbench.analysis.precision import precise
from twinbench.errors import TwinbenchError
from twinbench.experiments.budgets import PARTITIONS, Budget
from twinbench.experiments.deployment.settings import (
    DEPLOYED_ARMS,
    DEPLOYMENT_PROFILES,
    DeploymentSettings,
)
from twinbench.experiments.hops import ARMS as HOPS_ARMS
from twinbench.experiments.modularity.settings import (
    MODULARITY_PROFILES,
    ModularitySettings,
)
from twinbench.experiments.profiles import (
    CAPACITY_PROFILES,
    CONSISTENCY_PROFILES,
    HOPS_PROFILES,
    LATENCY_PROFILES,
    PROFILED_ARMS,
    LatencyProfile,
)
from twinbench.experiments.scaling_profiles import SCALING_PROFILES, ScalingSettings
from twinbench.experiments.settings import (
    CapacitySettings,
    ConsistencySettings,
    LatencySettings,
)
from twinbench.results.store import Run

T = TypeVar("T")

# A trial of fewer says nothing.
_FEWEST_JOURNEYS: Final = 10
_SHORTEST_MS: Final = 1.0
_LEAST_MEMORY: Final = 64_000_000
_UNITS: Final = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
_PROFILE: Final = "quick"
_SEED: Final = 1
_HEADLINES: Final = frozenset({"p50", ""})


@dataclass(frozen=True, slots=True)
class Asked:
    """Options as they were given; None where none was."""

    profile: str | None = None
    arms: str | None = None
    rates: Sequence[float] | None = None
    precision: float | None = None
    cpus: float | None = None
    memory: str | None = None
    partition: str | None = None
    seed: int | None = None
    within: float | None = None

    @property
    def seed_or_first(self) -> int:
        return _SEED if self.seed is None else self.seed

    @property
    def share(self) -> float | None:
        """The precision, from per cent."""
        if self.precision is None:
            return None
        if not 0.1 <= self.precision <= 100:  # noqa: PLR2004 - beyond which nobody means it
            raise TwinbenchError("--precision is in per cent, from 0.1 to 100")
        return self.precision / 100

    @property
    def objective(self) -> Objective:
        """What capacities are searched by."""
        if self.within is None:
            return Objective()
        if not (math.isfinite(self.within) and self.within >= _SHORTEST_MS):
            raise TwinbenchError(f"--within is in milliseconds, {_SHORTEST_MS:g} or more")
        return Objective(limit_ms=self.within)


def chosen(profiles: Mapping[str, T], name: str | None) -> T:
    """By name; `quick` where none was asked for. Raises TwinbenchError for an unknown one."""
    name = name or _PROFILE
    if name not in profiles:
        raise TwinbenchError(f"unknown profile {name!r}: choose from {', '.join(profiles)}")
    return profiles[name]


def latency_settings(
    asked: Asked,
    arms: tuple[str, ...],
    out: Path,
    *,
    profiles: Mapping[str, LatencyProfile] = LATENCY_PROFILES,
) -> LatencySettings:
    profile = profile_of(asked.profile or _PROFILE, asked.rates, profiles)
    # Fewer arms take less time, rather than more blocks.
    profile = replace(profile, budget_s=profile.budget_s * len(arms) / PROFILED_ARMS)
    if asked.share is not None:
        profile = replace(profile, precision=asked.share)
    return LatencySettings(profile, arms, asked.seed_or_first, out, budget=budget_of(asked))


def hops_settings(asked: Asked, known: Sequence[str], out: Path) -> LatencySettings:
    if asked.rates and len(asked.rates) > 1:
        raise TwinbenchError("hops are told at one rate: give --rate once")
    arms = arms_of(asked.arms or ",".join(HOPS_ARMS), known)
    return latency_settings(asked, arms, out, profiles=HOPS_PROFILES)


def capacity_settings(asked: Asked, arms: tuple[str, ...], out: Path) -> CapacitySettings:
    if asked.rates or asked.precision is not None:
        raise TwinbenchError(
            "capacity looks for its rates itself: give it no --rate, no --precision"
        )
    profile = chosen(CAPACITY_PROFILES, asked.profile)
    return CapacitySettings(
        profile, arms, asked.seed_or_first, out, asdict(asked.objective), budget=budget_of(asked)
    )


def scaling_settings(asked: Asked, known: Sequence[str], out: Path) -> ScalingSettings:
    """The two arms of the question, unless others are named."""
    if asked != Asked(asked.profile, asked.arms, seed=asked.seed, within=asked.within):
        raise TwinbenchError("scaling chooses rates and budgets itself: give it no others")
    profile = chosen(SCALING_PROFILES, asked.profile)
    arms = arms_of(asked.arms or f"{MONOLITH},{MICROSERVICES}", known)
    return ScalingSettings(profile, arms, asked.seed_or_first, out, asdict(asked.objective))


def consistency_settings(asked: Asked, arms: tuple[str, ...], out: Path) -> ConsistencySettings:
    if asked.rates or asked.precision is not None:
        raise TwinbenchError("consistency takes no --rate and no --precision: its profile says")
    profile = chosen(CONSISTENCY_PROFILES, asked.profile)
    return ConsistencySettings(profile, arms, asked.seed_or_first, out, budget=budget_of(asked))


def deployment_settings(asked: Asked, known: Sequence[str], out: Path) -> DeploymentSettings:
    if asked.precision is not None:
        raise TwinbenchError("deployment makes as many as its profile says: give no --precision")
    if asked.rates and len(asked.rates) > 1:
        raise TwinbenchError("deployments are made at one rate: give --rate once")
    profile = chosen(DEPLOYMENT_PROFILES, asked.profile)
    if asked.rates:
        profile = replace(profile, rate=asked.rates[0])
    arms = arms_of(asked.arms or ",".join(DEPLOYED_ARMS), known)
    return DeploymentSettings(profile, arms, asked.seed_or_first, out, budget=budget_of(asked))


def modularity_settings(asked: Asked, out: Path) -> ModularitySettings:
    if asked != Asked(asked.profile, seed=asked.seed):
        raise TwinbenchError("modularity takes no settings but --profile, --seed and --out")
    profile = chosen(MODULARITY_PROFILES, asked.profile)
    return ModularitySettings(profile, asked.seed_or_first, out)


def profile_of(
    name: str,
    rates: Sequence[float] | None,
    profiles: Mapping[str, LatencyProfile] = LATENCY_PROFILES,
) -> LatencyProfile:
    profile = chosen(profiles, name)
    if not rates:
        return profile
    if not all(math.isfinite(rate) and rate > 0 for rate in rates):
        raise TwinbenchError("a rate must be above 0 journeys per second")
    least = _FEWEST_JOURNEYS / profile.measure_s
    if min(rates) < least:
        raise TwinbenchError(
            f"{min(rates):g} journeys per second are too few to measure in "
            f"{profile.measure_s:g} s: ask for {least:.2g} or more"
        )
    return replace(profile, rates=tuple(sorted(set(rates))), levels=(), headlines=())


def arms_of(names: str | None, known: Sequence[str]) -> tuple[str, ...]:
    """In the topology's order, so that the first is the base of ratios."""
    if names is None:
        return tuple(known)
    wanted = {name.strip() for name in names.split(",")}
    if unknown := sorted(wanted - set(known)):
        raise TwinbenchError(f"unknown arm {unknown[0]!r}: choose from {', '.join(known)}")
    return tuple(arm for arm in known if arm in wanted)


def usual_arms(asked: Asked) -> tuple[str, ...]:
    """The topology's, but for those that are run only where they are named."""
    shop = topology.load()
    return arms_of(asked.arms, shop.usual_arms if asked.arms is None else shop.arms)


def budget_of(asked: Asked) -> Budget:
    partition = next((one for one in PARTITIONS if one == (asked.partition or "shared")), None)
    if partition is None:
        raise TwinbenchError(
            f"unknown partition {asked.partition!r}: choose from {', '.join(PARTITIONS)}"
        )
    if asked.cpus is not None and not (math.isfinite(asked.cpus) and asked.cpus >= 0.1):  # noqa: PLR2004
        raise TwinbenchError("--cpus must be 0.1 or more")
    return Budget(asked.cpus, _bytes(asked.memory), partition)


def _bytes(text: str | None) -> int | None:
    if text is None:
        return None
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]I?B)", text.strip().upper())
    if found is None:
        raise TwinbenchError(f"--memory {text!r} is no size: write 900MB or 2GB")
    size = int(float(found[1]) * _UNITS[found[2]])
    if size < _LEAST_MEMORY:
        raise TwinbenchError(f"--memory {text}: an arm needs {_LEAST_MEMORY / 1e6:.0f} MB at least")
    return size


def precise_enough(run: Run, share: float) -> bool:
    """Whether the ratios of medians, CPU and memory are all known within this share.

    Higher percentiles are not waited for: on a short trial they rest on a few samples.
    """
    rows = [r for r in compare(run).rows if r.measure in _HEADLINES and r.unjudged != "curve"]
    judged = [row.estimate for row in rows if row.verdict is not None]
    return bool(judged) and len(judged) == len(rows) and precise(judged, width=share)
