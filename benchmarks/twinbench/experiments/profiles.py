"""How long an experiment may take, and what it does with the time."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class LatencyProfile:
    """Rates in journeys per second, durations in seconds.

    `judged` says whether figures that support no verdict make the run a failure. With `reset` the
    arms' databases are put back to the seeded data before the first trial.
    A voided trial is retried only if the run then still ends within `budget_s` of its start; else
    it is marked, and the table says so.
    """

    name: str
    rates: tuple[float, ...]
    blocks: int
    warmup_s: float
    measure_s: float
    tail_s: float
    drain_s: float
    budget_s: float
    reset: bool
    judged: bool

    @property
    def trial_s(self) -> float:
        """Nominal length of a trial; draining and changing arms take about half a second."""
        return self.warmup_s + self.measure_s + self.tail_s + 0.75


LATENCY_PROFILES: Final = {
    profile.name: profile
    for profile in (
        LatencyProfile(
            name="smoke", rates=(6.0,), blocks=1,
            warmup_s=1.5, measure_s=5.0, tail_s=0.5, drain_s=5.0,
            budget_s=0.0, reset=False, judged=False,
        ),
        LatencyProfile(
            name="quick", rates=(5.0, 12.0), blocks=4,
            warmup_s=2.0, measure_s=6.0, tail_s=0.5, drain_s=5.0,
            budget_s=195.0, reset=True, judged=True,
        ),
    )
}  # fmt: skip
