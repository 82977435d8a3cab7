"""What an arm makes of three times the load that it can serve, beside just that load."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from twinbench.analysis.struck import ALL, GOOD_S, Struck, goodput
from twinbench.results.store import Run

PEAK: Final = "peak"
OVERLOAD: Final = "overload"
KEPT: Final = 0.8
"""Of the goodput, under overload."""
GROWN: Final = 1.25
"""Times the memory that it began with, likewise."""
REFUSED: Final = "RefusedError"
"""What requests have for an error that were refused as they should be."""
_REFUSALS: Final = pa.array([429, 503], pa.int16())


@dataclass(frozen=True, slots=True)
class Failed:
    """What became of requests that failed, as shares: refused by 429 or 503 with Retry-After, by
    one of these without it, failed otherwise. All 0 where none failed."""

    refused: float
    bare: float
    otherwise: float


@dataclass(frozen=True, slots=True)
class Overload:
    """Goodput beyond an arm's capacity, as a share of that at it: of whole journeys (`kept`), and
    of requests (`answered`). What became of those that failed. The arm's memory in bytes when it
    began, at most, and when it ended."""

    arm: str
    peak_rate: float
    rate: float
    kept: float | None
    answered: float | None
    failed: Failed
    memory: tuple[float, float, float]

    @property
    def withstood(self) -> bool:
        """Whether the arm went on as the shop is meant to."""
        begin, most, _ = self.memory
        kept = self.kept is not None and self.kept >= KEPT
        return kept and not self.failed.bare and most <= GROWN * begin


def overloads(
    run: Run, trials: Mapping[tuple[str, str], Sequence[Struck]], arms: Sequence[str]
) -> Iterator[Overload]:
    """Of each arm that has trials of both; `trials` by fault and arm."""
    for arm in arms:
        peak, over = trials.get((PEAK, arm), ()), trials.get((OVERLOAD, arm), ())
        if peak and over:
            usual, usually = goodput(peak, ALL), _answered(peak)
            yield Overload(
                arm=arm,
                peak_rate=peak[0].row["offered_rate"],
                rate=over[0].row["offered_rate"],
                kept=goodput(over, ALL) / usual if usual else None,
                answered=_answered(over) / usually if usually else None,
                failed=_failed_as(over),
                memory=_memory(run, over),
            )


def _memory(run: Run, trials: Sequence[Struck]) -> tuple[float, float, float]:
    """At the beginning, at most and at the end; the mean of all trials."""
    found = []
    for trial in trials:
        rows = run.resources.filter(pc.field("trial") == trial.row["trial"]).to_pylist()
        sums: dict[int, float] = {}
        for row in rows:
            if row["pss_bytes"] is not None:
                sums[row["at_ns"]] = sums.get(row["at_ns"], 0.0) + row["pss_bytes"]
        series = [sums[at] for at in sorted(sums)]
        found.append((series[0], max(series), series[-1]))
    begin, most, end = np.mean(found, axis=0)
    return float(begin), float(most), float(end)


def _failed_as(trials: Sequence[Struck]) -> Failed:
    """Of all requests of the trials."""
    failed = [one.requests.filter(pc.is_valid(one.requests["error"])) for one in trials]
    total = sum(one.num_rows for one in failed)
    if not total:
        return Failed(0.0, 0.0, 0.0)
    refused = sum(_number(pc.equal(pc.cast(one["error"], pa.string()), REFUSED)) for one in failed)
    told = sum(_number(pc.is_in(one["status"], _REFUSALS)) for one in failed)
    return Failed(refused / total, (told - refused) / total, (total - told) / total)


def _answered(trials: Sequence[Struck]) -> float:
    """Requests per second that came while the fault held and were good."""
    good, seconds = 0, 0.0
    for one in trials:
        begin, rows = one.fault["begins_ns"], one.requests
        came = pc.and_(
            pc.greater_equal(rows["intended_ns"], begin),
            pc.less(rows["intended_ns"], begin + one.seconds * 1e9),
        )
        waited = pc.subtract(rows["finished_ns"], rows["intended_ns"])
        soon = pc.fill_null(pc.less_equal(waited, GOOD_S * 1e9), False)
        good += _number(pc.and_(pc.and_(came, soon), pc.is_null(rows["error"])))
        seconds += one.seconds
    return good / seconds if seconds else 0.0


def _number(mask: pa.ChunkedArray) -> int:
    """Of those that are true."""
    return pc.sum(mask).as_py() or 0
