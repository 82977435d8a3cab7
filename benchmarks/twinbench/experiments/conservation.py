"""Little's law as a check of the generator's own books."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# How often the generator counts the requests that are under way.
SAMPLED_EVERY_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class InFlight:
    """Mean number of requests under way, sampled and by the rows.

    `error` is the standard error that sampling leaves in the difference.
    """

    sampled: float
    by_rows: float
    error: float

    def off(self, *, errors: float) -> float:
        """The difference that so many standard errors do not explain, as a share of the level."""
        unexplained = max(0.0, abs(self.sampled - self.by_rows) - errors * self.error)
        return unexplained / self.by_rows if self.by_rows > 0 else unexplained


def in_flight(requests: pa.Table, sampled: float, *, begin: float, end: float) -> InFlight:
    """Rate times mean time between two instants (seconds from the trial's origin).

    In its form for a window of any path (Stidham 1974): each request counts by the time that it was
    under way inside the window, so that the law holds exactly, overload and edges included, and
    what remains is the sampling. A request of length s is met by s/d samples at intervals of d, and
    by one more with the chance of the remainder f: variance f(1-f), independent between requests.
    """
    sent = requests["sent_ns"].to_numpy() / 1e9
    finished = pc.fill_null(requests["finished_ns"], round(end * 1e9)).to_numpy() / 1e9
    inside = np.clip(np.minimum(finished, end) - np.maximum(sent, begin), 0, None)
    rest = np.mod(inside, SAMPLED_EVERY_S) / SAMPLED_EVERY_S
    variance = float(np.sum(rest * (1 - rest)))
    length = end - begin
    return InFlight(
        sampled=sampled,
        by_rows=float(np.sum(inside)) / length,
        error=SAMPLED_EVERY_S * math.sqrt(variance) / length,
    )
