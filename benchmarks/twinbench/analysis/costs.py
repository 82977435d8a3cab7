"""What capacity costs in CPUs and in memory, from the climbs of a run of `scaling`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from twinbench.analysis.judging import Judgement, judged
from twinbench.analysis.levels import Level, positive_level
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.scaling import BUDGETS, Reach, Scaling, Served
from twinbench.analysis.verdicts import Verdict, verdicts

HOT: Final = "hot"
_GB: Final = 1e9
# Which case tells most of scaling a part by itself, where no hot part was scaled.
_PREFERRED: Final = (HOT, "work", "replicas", BUDGETS)


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one arm in one case, means over blocks: journeys per second within the objective, the
    CPU-ms of one, and the megabytes held for one a second (None where memory was not read)."""

    factor: str
    level: float
    arm: str
    capacity: Level
    cpu_ms: Level
    megabytes: Level | None


@dataclass(frozen=True, slots=True)
class Worth:
    """What an arm serves for each CPU and each gigabyte, in times of another, in the same case.

    The CPUs of a case are the same for both, so that the ratio per CPU is that of the capacities.
    """

    factor: str
    level: float
    per_cpu: Estimate
    per_gb: Estimate
    verdicts: tuple[Verdict, Verdict]

    @property
    def hot(self) -> bool:
        """Whether a hot part was scaled by itself, which is what is claimed."""
        return self.factor == HOT

    @property
    def judgement(self) -> Judgement:
        """Of the claim that more is served for the same money."""
        return judged(self.verdicts, claimed="higher") if self.hot else "open"


def costs(found: Scaling) -> tuple[Cost, ...]:
    """Of every case in which an arm has a capacity, in the order of its reaches."""
    return tuple(_costs(found))


def _costs(found: Scaling) -> Iterator[Cost]:
    for reach in found.reaches:
        if reach.served:
            known = all(one.memory_bytes > 0 for one in reach.served)
            held = [one.memory_bytes / 1e6 / one.capacity for one in reach.served]
            yield Cost(
                factor=reach.factor,
                level=reach.level,
                arm=reach.arm,
                capacity=positive_level([one.capacity for one in reach.served]),
                cpu_ms=positive_level([one.cpu_ms for one in reach.served]),
                megabytes=positive_level(held) if known else None,
            )


def telling_case(found: Scaling) -> tuple[str, float] | None:
    """Factor and level: the most of the hot part alone, else what comes nearest to that."""
    cases = {(reach.factor, reach.level) for reach in found.reaches if reach.served}
    for factor in _PREFERRED:
        if levels := [level for own, level in cases if own == factor]:
            return factor, max(levels)
    return None


def worth(found: Scaling, *, arm: str, base: str) -> Worth | None:
    """In the telling case, over the blocks that both have; None where they share none.

    The two ratios are one table: Holm's adjustment runs over both.
    """
    case = telling_case(found)
    if case is None:
        return None
    ours, theirs = (_by_block(found, case, one) for one in (base, arm))
    blocks = sorted(ours.keys() & theirs.keys())
    if not blocks:
        return None
    above, below = ([own[block] for block in blocks] for own in (theirs, ours))
    per_cpu, per_gb = (
        estimate(log_ratios([figure(one) for one in above], [figure(one) for one in below]))
        for figure in (_capacity, _per_gb)
    )
    first, second = verdicts([per_cpu, per_gb])
    return Worth(*case, per_cpu, per_gb, (first, second))


def _by_block(found: Scaling, case: tuple[str, float], arm: str) -> dict[int, Served]:
    own = [one for one in found.reaches if (one.factor, one.level, one.arm) == (*case, arm)]
    return {one.block: one for reach in own for one in reach.served if one.memory_bytes > 0}


def reach_of(found: Scaling, case: tuple[str, float], arm: str) -> Reach:
    """Raises StopIteration for a case that the run does not have."""
    return next(r for r in found.reaches if (r.factor, r.level, r.arm) == (*case, arm))


def _capacity(one: Served) -> float:
    return one.capacity


def _per_gb(one: Served) -> float:
    return one.capacity / (one.memory_bytes / _GB)
