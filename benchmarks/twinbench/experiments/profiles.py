"""How long an experiment may take, and what it does with the time."""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Timing:
    """Durations of one trial in seconds; arrivals go on through all but the drain."""

    warmup_s: float
    measure_s: float
    tail_s: float
    drain_s: float

    @property
    def trial_s(self) -> float:
        """Nominal length of a trial; draining and changing arms take about half a second."""
        return self.warmup_s + self.measure_s + self.tail_s + 0.75


@dataclass(frozen=True, slots=True)
class LatencyProfile(Timing):
    """Rates in journeys per second, durations in seconds.

    `levels` stand in for `rates`: shares of the rate that each arm could serve by its CPU time per
    journey, as seen while it warmed up. An arm is not asked for more than the highest of its own.
    The rates nearest to `headlines`, shares of what the least able arm could serve, are in every
    block and carry the verdicts; the others draw the curve, in every `curve_every`-th block.

    Blocks are added until every ratio is known within `precision` (a share; None: never stop for
    it), `blocks` are done, or the next would end later than `budget_s` after the start. Two are
    made in any case, one where `blocks` says so. A voided trial is retried only if its block then
    still ends in time; else it is marked, and the table says so.

    Arms warm up for at most `warming_s` before the first block. With `reset` every block begins
    with the seeded data, and each arm is then driven for `refresh_s`. `judged` says whether figures
    that support no verdict make the run a failure.
    """

    name: str
    rates: tuple[float, ...]
    levels: tuple[float, ...]
    blocks: int
    budget_s: float
    precision: float | None
    warming_s: float
    reset: bool
    refresh_s: float
    judged: bool
    headlines: tuple[float, ...] = ()
    curve_every: int = 1


@dataclass(frozen=True, slots=True)
class CapacityProfile(Timing):
    """Trials of a search: `measure_s` long, `confirm_s` where one is to settle it.

    Rounds go on until every arm's search is over or `budget_s` are spent; each trial begins with
    the seeded data, and the arm driven for `refresh_s`.
    """

    name: str
    confirm_s: float
    resolution: float
    budget_s: float
    warming_s: float
    refresh_s: float


CAPACITY_PROFILES: Final = {
    profile.name: profile
    for profile in (
        CapacityProfile(
            name="smoke", warmup_s=1.0, measure_s=2.0, tail_s=0.0, drain_s=3.0, confirm_s=3.0,
            resolution=0.5, budget_s=50.0, warming_s=1.0, refresh_s=0.0,
        ),
        CapacityProfile(
            name="quick", warmup_s=2.0, measure_s=4.0, tail_s=0.5, drain_s=3.0, confirm_s=10.0,
            resolution=0.1, budget_s=285.0, warming_s=10.0, refresh_s=0.0,
        ),
        CapacityProfile(
            name="standard", warmup_s=3.0, measure_s=10.0, tail_s=1.0, drain_s=5.0, confirm_s=45.0,
            resolution=0.05, budget_s=2640.0, warming_s=30.0, refresh_s=2.0,
        ),
        CapacityProfile(
            name="full", warmup_s=5.0, measure_s=20.0, tail_s=1.0, drain_s=10.0, confirm_s=120.0,
            resolution=0.02, budget_s=86_400.0, warming_s=60.0, refresh_s=3.0,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ConsistencyProfile(Timing):
    """What each arm goes through in each of `blocks`, from the seeded data on and driven for
    `refresh_s`: `idle_s` of so many `probers` alone, a trial at `rate` journeys per second with
    them beside it, closed loops of `read_s` for each kind of read, and in the first `killing`
    blocks so many `kills` under trade of `orders` acknowledged orders at least.

    No block begins that would end later than `budget_s` after the start. `judged` says whether
    figures that support no conclusion make the run a failure.
    """

    name: str
    blocks: int
    rate: float
    idle_s: float
    read_s: float
    killing: int
    kills: int
    orders: int
    probers: int
    budget_s: float
    warming_s: float
    refresh_s: float
    judged: bool


CONSISTENCY_PROFILES: Final = {
    profile.name: profile
    for profile in (
        ConsistencyProfile(
            name="smoke", warmup_s=0.5, measure_s=2.0, tail_s=0.0, drain_s=3.0, blocks=1, rate=6.0,
            idle_s=1.5, read_s=0.3, killing=1, kills=1, orders=5, probers=2, budget_s=45.0,
            warming_s=0.0, refresh_s=0.0, judged=False,
        ),
        ConsistencyProfile(
            name="quick", warmup_s=1.0, measure_s=7.0, tail_s=0.0, drain_s=5.0, blocks=2, rate=6.0,
            idle_s=6.0, read_s=1.0, killing=1, kills=3, orders=40, probers=2, budget_s=225.0,
            warming_s=5.0, refresh_s=1.0, judged=True,
        ),
        ConsistencyProfile(
            name="standard", warmup_s=3.0, measure_s=30.0, tail_s=0.0, drain_s=10.0, blocks=8,
            rate=6.0, idle_s=30.0, read_s=3.0, killing=4, kills=8, orders=400, probers=2,
            budget_s=2400.0, warming_s=30.0, refresh_s=2.0, judged=True,
        ),
        ConsistencyProfile(
            name="full", warmup_s=3.0, measure_s=60.0, tail_s=0.0, drain_s=15.0, blocks=24,
            rate=6.0, idle_s=60.0, read_s=5.0, killing=24, kills=12, orders=1000, probers=2,
            budget_s=28_800.0, warming_s=60.0, refresh_s=3.0, judged=True,
        ),
    )
}  # fmt: skip


# Past the knee on purpose: the last level cannot be served.
_LEVELS: Final = (0.2, 0.4, 0.6, 0.8, 0.95, 1.1)
# One where nobody waits for anybody, one where queues are felt and all arms still keep up.
_HEADLINES: Final = (0.4, 0.8)
_UNLIMITED: Final = 1_000_000

PROFILED_ARMS: Final = 3
"""How many arms the budgets of these profiles are for."""


def _traced(name: str, **timing: Any) -> LatencyProfile:  # noqa: ANN401 - the profile's own fields
    """One modest rate: what a call costs is to be told, not how long it waits for others."""
    common = {"rates": (8.0,), "levels": (), "reset": True, "judged": True}
    return LatencyProfile(name=name, **{**common, **timing})


HOPS_PROFILES: Final = {
    profile.name: profile
    for profile in (
        _traced(
            "smoke", blocks=1, warmup_s=1.5, measure_s=4.0, tail_s=0.5, drain_s=5.0, budget_s=50.0,
            precision=None, warming_s=0.0, reset=False, refresh_s=0.0, judged=False,
        ),
        _traced(
            "quick", blocks=_UNLIMITED, warmup_s=1.5, measure_s=7.0, tail_s=0.5, drain_s=5.0,
            budget_s=360.0, precision=0.05, warming_s=10.0, refresh_s=1.0,
        ),
        _traced(
            "standard", blocks=_UNLIMITED, warmup_s=3.0, measure_s=15.0, tail_s=1.0, drain_s=10.0,
            budget_s=1800.0, precision=0.05, warming_s=30.0, refresh_s=3.0,
        ),
        _traced(
            "full", blocks=_UNLIMITED, warmup_s=3.0, measure_s=30.0, tail_s=1.0, drain_s=15.0,
            budget_s=14_400.0, precision=0.02, warming_s=60.0, refresh_s=3.0,
        ),
    )
}  # fmt: skip

LATENCY_PROFILES: Final = {
    profile.name: profile
    for profile in (
        LatencyProfile(
            name="smoke", rates=(6.0,), levels=(), blocks=1,
            warmup_s=1.5, measure_s=4.0, tail_s=0.5, drain_s=5.0, budget_s=50.0,
            precision=None, warming_s=0.0, reset=False, refresh_s=0.0, judged=False,
        ),
        LatencyProfile(
            name="quick", rates=(10.0,), levels=(), blocks=_UNLIMITED,
            warmup_s=1.5, measure_s=5.5, tail_s=0.5, drain_s=5.0, budget_s=285.0,
            precision=0.05, warming_s=10.0, reset=True, refresh_s=1.0, judged=True,
        ),
        LatencyProfile(
            name="standard", rates=(), levels=_LEVELS, blocks=_UNLIMITED,
            warmup_s=3.0, measure_s=10.0, tail_s=1.0, drain_s=10.0, budget_s=2640.0,
            precision=0.05, warming_s=30.0, reset=True, refresh_s=3.0, judged=True,
            headlines=_HEADLINES, curve_every=4,
        ),
        LatencyProfile(
            name="full", rates=(), levels=_LEVELS, blocks=_UNLIMITED,
            warmup_s=3.0, measure_s=20.0, tail_s=1.0, drain_s=15.0, budget_s=86_400.0,
            precision=0.05, warming_s=60.0, reset=True, refresh_s=3.0, judged=True,
            headlines=_HEADLINES, curve_every=2,
        ),
    )
}  # fmt: skip
