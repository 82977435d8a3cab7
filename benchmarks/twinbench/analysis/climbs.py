"""How far an arm climbs: the highest of a staircase of rates that it serves within an objective.

One trial offers the rates one after the other. What an overload leaves waiting spoils all that
comes after it, so that a rate beyond the knee cannot meet the objective by luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from twinbench.analysis.capacity import Objective, Observation, Probe
from twinbench.analysis.observing import observe


@dataclass(frozen=True, slots=True)
class Climb:
    """Rates in journeys per second. `capacity`: the highest that met the objective.

    None where none did; `whole` where all did, so that the capacity is a lower bound. The truth
    lies between the capacity and the next rate.
    """

    steps: tuple[Observation, ...]
    capacity: float | None
    whole: bool


def climb(
    requests: pa.Table,
    *,
    rates: Sequence[float],
    step_s: float,
    warmup_s: float,
    objective: Objective,
) -> Climb:
    """From a trial's requests (REQUESTS schema), with `rates` (ascending) for `step_s` each."""
    steps = tuple(
        observe(
            requests,
            Probe(rate),
            warmup_s=warmup_s + number * step_s,
            measure_s=step_s,
            valid=True,
            objective=objective,
        )
        for number, rate in enumerate(rates)
    )
    met = [step.rate for step in steps if objective.met_by(step)]
    return Climb(steps, max(met, default=None), len(met) == len(steps))
