"""What a run of `scaling` shows: capacity by factor, level and arm, its law, and more beside it."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from scipy import special

from twinbench.analysis.balance import Balance, balances
from twinbench.analysis.capacity import Objective
from twinbench.analysis.climbs import Climb, climb
from twinbench.analysis.gateways import Ceiling, ceilings
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.scalability import ScalabilityLaw, fit
from twinbench.analysis.skew import Skew, skew
from twinbench.results.store import Run

_CONFIDENCE: Final = 0.95
_FEWEST_SIZES: Final = 4
BUDGETS: Final = "cpus"


@dataclass(frozen=True, slots=True)
class Served:
    """What one valid climb reached, in journeys per second, and what a journey cost it."""

    block: int
    capacity: float
    cpu_ms: float
    memory_bytes: float


@dataclass(frozen=True, slots=True)
class Reach:
    """Of one arm at one level: journeys per second within the objective.

    Geometric mean over `blocks` with Student's t interval on the logs, unbounded with one block;
    None where no climb met the objective at all. `at_least`: some climb went to its end.
    `memory_bytes` and `cpu_ms` per journey are medians over blocks; `served` has one of each block.
    """

    factor: str
    level: float
    arm: str
    capacity: float | None
    low: float
    high: float
    at_least: bool
    blocks: int
    voided: int
    cpu_ms: float
    memory_bytes: float
    served: tuple[Served, ...]


@dataclass(frozen=True, slots=True)
class Beside:
    """One arm's capacity in times of the first arm's, at the same level."""

    factor: str
    level: float
    arm: str
    base: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Scaling:
    """`laws`: the scalability law over CPU budgets, in units of the smallest one (`unit`, CPUs), of
    arms with capacities at four budgets or more. `cores` are those of an arm. `refused`: factors
    that the engine could not vary, and why.
    """

    reaches: tuple[Reach, ...]
    beside: tuple[Beside, ...]
    laws: Mapping[str, ScalabilityLaw]
    unit: float
    cores: int
    resolution: float
    objective: Objective
    skew: Skew | None = None
    balances: tuple[Balance, ...] = ()
    ceilings: tuple[Ceiling, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether every case has a capacity, and every search an end."""
        searched = self.skew is None or self.skew.sound
        return searched and all(reach.capacity is not None for reach in self.reaches)


@dataclass(frozen=True, slots=True)
class _Made:
    block: int
    valid: bool
    cpu_ms: float
    memory_bytes: float
    climb: Climb


_Cases = dict[tuple[str, float], dict[str, list[_Made]]]


def scaling(run: Run) -> Scaling:
    """Factors and levels in ascending order, arms as the run was told them."""
    configuration = run.document["configuration"]
    objective = Objective(**configuration["objective"])
    arms = tuple(configuration["arms"])
    cases: _Cases = defaultdict(lambda: {arm: [] for arm in arms})
    trials = {row["trial"]: row for row in run.trials.to_pylist()}
    for row in run.tables["climbs"].to_pylist():
        made = _made(run, row, trials[row["trial"]], objective)
        cases[row["factor"], row["level"]][row["arm"]].append(made)
    reaches = tuple(
        _reach(*case, arm, made)
        for case, by_arm in sorted(cases.items())
        for arm, made in by_arm.items()
        if made
    )
    budgets = [level for factor, level in cases if factor == BUDGETS]
    cores = len(run.document["limits"]["arms"][arms[0]]["cores"])
    return Scaling(
        reaches=reaches,
        beside=tuple(_beside(cases, arms)),
        laws=dict(_laws(cases, arms, min(budgets, default=1.0))),
        unit=min(budgets, default=1.0) * cores,
        cores=cores,
        resolution=configuration["resolution"],
        objective=objective,
        skew=skew(run),
        balances=balances(run),
        ceilings=ceilings(run),
        refused=run.document.get("outcome", {}).get("refused", {}),
    )


def _made(
    run: Run, row: Mapping[str, Any], trial: Mapping[str, Any], objective: Objective
) -> _Made:
    found = climb(
        run.requests([row["trial"]]),
        rates=row["rates"],
        step_s=row["step_s"],
        warmup_s=trial["warmup_s"],
        objective=objective,
    )
    done = trial["transactions"]
    cpu_ms = 1000 * trial["cpu_seconds"] / done if done else math.inf
    return _Made(trial["block"], trial["valid"], cpu_ms, trial["pss_bytes"], found)


def _reach(factor: str, level: float, arm: str, made: Sequence[_Made]) -> Reach:
    valid = [one for one in made if one.valid]
    served = tuple(
        Served(one.block, one.climb.capacity, one.cpu_ms, one.memory_bytes)
        for one in valid
        if one.climb.capacity is not None
    )
    found = [one.capacity for one in served]
    centre, low, high = _mean(found) if found else (None, 0.0, math.inf)
    return Reach(
        factor=factor,
        level=level,
        arm=arm,
        capacity=centre,
        low=low,
        high=high,
        at_least=any(one.climb.whole for one in valid),
        blocks=len(found),
        voided=len(made) - len(valid),
        cpu_ms=float(np.median([one.cpu_ms for one in valid])) if valid else math.nan,
        memory_bytes=float(np.median([one.memory_bytes for one in valid])) if valid else math.nan,
        served=served,
    )


def _mean(capacities: Sequence[float]) -> tuple[float, float, float]:
    """Geometric mean and interval, by Student's t on the logs."""
    logs = np.log(capacities)
    centre, count = float(np.mean(logs)), len(logs)
    if count == 1:
        return math.exp(centre), 0.0, math.inf
    reach = float(special.stdtrit(count - 1, 0.5 + _CONFIDENCE / 2))
    error = reach * float(np.std(logs, ddof=1)) / math.sqrt(count)
    return math.exp(centre), math.exp(centre - error), math.exp(centre + error)


def _beside(cases: _Cases, arms: Sequence[str]) -> Iterator[Beside]:
    """Of arms that climbed in the same blocks."""
    base, *others = arms
    for (factor, level), by_arm in sorted(cases.items()):
        below = _by_block(by_arm[base])
        for arm in others:
            above = _by_block(by_arm[arm])
            if blocks := sorted(above.keys() & below.keys()):
                logs = log_ratios([above[b] for b in blocks], [below[b] for b in blocks])
                yield Beside(factor, level, arm, base, estimate(logs))


def _by_block(made: Sequence[_Made]) -> dict[int, float]:
    return {
        one.block: one.climb.capacity
        for one in made
        if one.valid and one.climb.capacity is not None
    }


def _laws(
    cases: _Cases, arms: Sequence[str], smallest: float
) -> Iterator[tuple[str, ScalabilityLaw]]:
    for arm in arms:
        points = [
            (level / smallest, capacity)
            for (factor, level), by_arm in cases.items()
            if factor == BUDGETS
            for capacity in _by_block(by_arm[arm]).values()
        ]
        if len({size for size, _ in points}) >= _FEWEST_SIZES:
            yield arm, fit(*zip(*points, strict=True))
