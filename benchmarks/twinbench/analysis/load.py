"""Waits over the offered rate: where they pass a level, and which rate tells arms apart."""

import math
from collections.abc import Iterable, Sequence
from typing import Final

from twinbench.analysis.blocks import ALL_REQUESTS, Column, Measure, Stage, typical
from twinbench.analysis.capacity import Objective

KNEE_TIMES: Final = 2.0


def crossing(rates: Sequence[float], waits: Sequence[float], level: float) -> float | None:
    """The first rate at which waits reach `level`, in the rates' unit; None if they never do.

    `rates` ascend. Between two rates the logarithm of the wait is taken for a straight line; a wait
    that is infinite is reached at the rate before it.
    """
    before: tuple[float, float] | None = None
    for rate, wait in zip(rates, waits, strict=True):
        if wait >= level:
            if before is None or not math.isfinite(wait):
                return before[0] if before else rate
            share = math.log(level / before[1]) / math.log(wait / before[1])
            return before[0] + share * (rate - before[0])
        before = rate, wait
    return None


def knee(rates: Sequence[float], waits: Sequence[float]) -> float | None:
    """The rate at which waits are twice those at the lowest rate; None if they never are.

    A convention: curves of queues have no corner, and any other factor gives another place.
    """
    return crossing(rates, waits, KNEE_TIMES * waits[0]) if waits else None


def waits_by_rate(found: Iterable[Stage], percentile: float) -> dict[str, dict[float, Column]]:
    """Milliseconds that all requests together took at this percentile, per block, by arm and rate.

    An arm is there at the rates that were offered to it, the lowest first, where its trials have
    samples beyond the percentile.
    """
    measure = Measure("request", ALL_REQUESTS, f"p{percentile:g}", "ms")
    waits: dict[str, dict[float, Column]] = {}
    for stage in sorted(found, key=lambda stage: stage.rate):
        for arm, column in stage.columns.get(measure, {}).items():
            waits.setdefault(arm, {})[stage.rate] = column
    return waits


def telling_rate(found: Sequence[Stage], objective: Objective) -> float:
    """The highest rate at which every arm keeps the objective's percentile; else the lowest one.

    Of the rates that carry verdicts. Beyond it an arm is overloaded, and its waits tell how long it
    was, not how it works.
    """
    found = [stage for stage in found if stage.headline]
    waits = waits_by_rate(found, objective.percentile).values()
    kept = [
        stage.rate
        for stage in found
        if waits
        and all(
            stage.rate in own and typical(own[stage.rate]) <= objective.limit_ms for own in waits
        )
    ]
    return max(kept, default=min(stage.rate for stage in found))
