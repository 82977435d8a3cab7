"""Any percentile of anything: for questions that the tables do not answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from twinbench.analysis.blocks import Column, usable_blocks
from twinbench.analysis.percentiles import enough_for, percentiles
from twinbench.analysis.samples import final_trials, waits_of
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run


@dataclass(frozen=True, slots=True)
class Slice:
    """One percentile at one rate: milliseconds per block, by subject and arm.

    A subject is left out where a block has no sample beyond the percentile.
    """

    kind: Literal["journey", "request"]
    percentile: float
    rate: float
    blocks: int
    columns: Mapping[tuple[str, str], Column]


def percentile_of(
    run: Run,
    percentile: float,
    *,
    kind: Literal["journey", "request"] = "journey",
    rate: float | None = None,
) -> Slice:
    """Of every journey, or every request, at this rate; the lowest one if left out.

    `percentile` lies between 0 and 100, both excluded. Raises TwinbenchError for one that does not,
    or a rate that the run does not have.
    """
    if not 0 < percentile < 100:  # noqa: PLR2004 - per cent
        raise TwinbenchError(f"a percentile lies between 0 and 100: {percentile:g} does not")
    trials = final_trials(run)
    rates = sorted({trial.rate for trial in trials})
    at = rates[0] if rate is None and rates else rate
    if at is None or at not in rates:
        known = ", ".join(f"{one:g}" for one in rates)
        raise TwinbenchError(f"{run.folder.name} has no rate {at}: choose from {known}")
    own = [trial for trial in trials if trial.rate == at]
    arms = [a for a in run.document["configuration"]["arms"] if a in {t.arm for t in own}]
    blocks, _ = usable_blocks(own, arms)
    share = percentile / 100
    columns: dict[tuple[str, str], list[float]] = {}
    for trial in sorted(own, key=lambda trial: (trial.block, arms.index(trial.arm))):
        if trial.block in blocks:
            waits = waits_of(run, trial)
            for name, seconds in (waits.journeys if kind == "journey" else waits.requests).items():
                if enough_for(len(seconds), share):
                    value = 1000 * percentiles(seconds, (share,))[0]
                    columns.setdefault((name, trial.arm), []).append(value)
    ordered = sorted(columns.items(), key=lambda item: (item[0][0], arms.index(item[0][1])))
    whole = {key: tuple(column) for key, column in ordered if len(column) == len(blocks)}
    return Slice(kind, percentile, at, len(blocks), whole)
