"""One row per request, kept in memory while the clock runs and written as Parquet afterwards."""

from collections.abc import MutableSequence, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from twinbench.load.plan import Customer, Told
from twinbench.results.schema import REQUESTS

REPLICA_HEADER = "x-replica"
TIMING_HEADER = "server-timing"


@dataclass(slots=True)
class Flight:
    """A journey under way. Instants are seconds of time.monotonic.

    `due` is when the next request ought to leave: the arrival for the first one, the end of the
    last answer plus the pause for the others.
    """

    journey_id: int
    journey: str
    due: float
    random: Random
    customer: Customer
    step: int = 0
    request: str = ""
    sent: float = 0.0
    failed: bool = False


class Outcome(NamedTuple):
    """How a request ended; `finished` is None for one that was still open at the end."""

    finished: float | None
    status: int
    bytes: int
    replica: str | None
    error: str | None


class Row(NamedTuple):
    """A request: what it was, when it ought to have left and when it did, how it ended."""

    journey_id: int
    journey: str
    step: int
    request: str
    intended: float
    sent: float
    outcome: Outcome


_UNFINISHED = Outcome(None, 0, 0, None, "unfinished")


@dataclass(slots=True)
class Recorder:
    """Collects rows; `open` holds the flights that are waiting for an answer.

    `told` is what answers told of their own making: nothing, but of arms that are traced.
    """

    rows: MutableSequence[Row] = field(default_factory=list)
    open: dict[int, Flight] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)

    def sending(self, flight: Flight, request: str, now: float) -> None:
        flight.request = request
        flight.sent = now
        self.open[flight.journey_id] = flight

    def finished(self, flight: Flight, now: float, outcome: Outcome) -> None:
        """Close the flight's open request; the journey's next one is due from `now` on."""
        self._append(flight, outcome)
        del self.open[flight.journey_id]
        flight.step += 1
        flight.due = now
        flight.failed = outcome.error is not None

    def told_by(self, flight: Flight, now: float, header: str) -> None:
        """Keep what the answer to the flight's open request told."""
        self.told.append(Told(flight.journey_id, flight.step, flight.request, now, header))

    def abandon_open(self) -> None:
        """Record what is still unanswered, so that a stalled server cannot hide its worst."""
        for flight in self.open.values():
            self._append(flight, _UNFINISHED)
        self.open.clear()

    def write(self, path: Path, *, trial: int, origin: float) -> None:
        """Write all rows, ordered by intended start, with times relative to `origin`."""
        pq.write_table(requests_table(self.rows, trial=trial, origin=origin), path)

    def _append(self, flight: Flight, outcome: Outcome) -> None:
        self.rows.append(
            Row(
                journey_id=flight.journey_id,
                journey=flight.journey,
                step=flight.step,
                request=flight.request,
                intended=flight.due,
                sent=flight.sent,
                outcome=outcome,
            )
        )


def requests_table(rows: Sequence[Row], *, trial: int, origin: float) -> pa.Table:
    """Rows as a table of the REQUESTS schema, ordered by intended start."""

    def nanoseconds(instant: float | None) -> int | None:
        return None if instant is None else round((instant - origin) * 1e9)

    ordered = sorted(rows, key=lambda row: row.intended)
    columns: dict[str, object] = {
        "trial": np.full(len(ordered), trial, dtype=np.int32),
        "intended_ns": [nanoseconds(row.intended) for row in ordered],
        "sent_ns": [nanoseconds(row.sent) for row in ordered],
        "finished_ns": [nanoseconds(row.outcome.finished) for row in ordered],
    }
    for name in ("journey_id", "journey", "step", "request"):
        columns[name] = [getattr(row, name) for row in ordered]
    for name in ("status", "bytes", "replica", "error"):
        columns[name] = [getattr(row.outcome, name) for row in ordered]
    arrays = [pa.array(columns[column.name]).cast(column.type) for column in REQUESTS]
    return pa.Table.from_arrays(arrays, schema=REQUESTS)
