"""Trials with a fault in them: what was counted in its time, and when customers were told of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from twinbench.analysis.percentiles import enough_for, percentiles
from twinbench.analysis.samples import waits_in
from twinbench.results.store import Run

ALL: Final = "all"
GOOD_S: Final = 2.0
"""A journey whose waits add up to more has succeeded, but is not good."""
_P95: Final = 0.95
_Z95: Final = 1.959964
# Nothing can be said of recovery by failures in the window's last moment.
_LAST_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Count:
    """Journeys of one kind; `good` ones of those that succeeded, and their p95, if there are
    enough."""

    journeys: int
    succeeded: int
    good: int
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Struck:
    """A valid trial, and what was counted while its fault held, by journey."""

    row: Mapping[str, Any]
    fault: Mapping[str, Any]
    seconds: float
    counts: Mapping[str, Count]
    requests: pa.Table


def struck_trials(run: Run) -> Iterator[Struck]:
    faults = {line["trial"]: line for line in run.tables["faults"].to_pylist()}
    least = run.document["configuration"]["fault_s"]
    for row in run.trials.to_pylist():
        if not row["valid"]:
            continue
        fault, requests = faults[row["trial"]], run.requests([row["trial"]])
        seconds = max(least, (fault["ends_ns"] - fault["begins_ns"]) / 1e9)
        counts = counts_in(requests, begin=fault["begins_ns"] / 1e9, seconds=seconds)
        yield Struck(row, fault, seconds, counts, requests)


def counts_in(requests: pa.Table, *, begin: float, seconds: float) -> dict[str, Count]:
    """Journeys that came in that time (seconds from the origin), by kind and all together."""
    waits = waits_in(requests, warmup_s=begin, measure_s=seconds)
    counts = {
        name: _count(failures.total, failures.failed, waits.journeys.get(name, np.empty(0)))
        for (kind, name), failures in waits.failures.items()
        if kind == "journey"
    }
    everything = np.concatenate([np.empty(0), *waits.journeys.values()])
    journeys = sum(one.journeys for one in counts.values())
    failed = journeys - sum(one.succeeded for one in counts.values())
    return {**counts, ALL: _count(journeys, failed, everything)}


def _count(journeys: int, failed: int, waits: NDArray[np.float64]) -> Count:
    """`waits` in seconds, of those that did not fail; what never ended is in there as infinite."""
    ended = waits[np.isfinite(waits)]
    p95 = 1000 * percentiles(ended, (_P95,))[0] if enough_for(len(ended), _P95) else None
    return Count(journeys, journeys - failed, int(np.sum(ended <= GOOD_S)), p95)


def wilson(succeeded: int, of: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22:209)."""
    if not of:
        return 0.0, 1.0
    share, square = succeeded / of, _Z95**2 / of
    middle = (share + square / 2) / (1 + square)
    half = _Z95 / (1 + square) * np.sqrt(share * (1 - share) / of + square / (4 * of))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def failing(trial: Struck) -> tuple[float | None, float | None]:
    """When a customer was first told of the fault, and when the last request that failed was sent;
    None for the latter if failing went on until the window's end."""
    requests, begins = trial.requests, trial.fault["begins_ns"]
    end = (trial.row["warmup_s"] + trial.row["measure_s"]) * 1e9
    ended = pc.fill_null(pc.greater_equal(requests["finished_ns"], begins), True)
    mine = pc.and_(pc.is_valid(requests["error"]), ended)
    failed = requests.filter(pc.and_(mine, pc.less(requests["intended_ns"], end)))
    if not failed.num_rows:
        return None, 0.0
    told = pc.min(failed["finished_ns"]).as_py()
    last = pc.max(failed["intended_ns"]).as_py()
    recovered = None if last > end - _LAST_S * 1e9 else since(last, trial.fault["ends_ns"])
    return since(told, begins), recovered


def since(instant: int | None, before: int) -> float | None:
    return None if instant is None else max(0.0, (instant - before) / 1e9)


def goodput(trials: Sequence[Struck], journey: str) -> float:
    """Good journeys per second."""
    seconds = sum(one.seconds for one in trials)
    good = sum(one.counts[journey].good for one in trials if journey in one.counts)
    return good / seconds if seconds else 0.0
