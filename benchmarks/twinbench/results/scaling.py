"""The table that `scaling` fills: columns, and rows to hand over."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# One row per climb: the trial offered `rates` (journeys per second) one after the other, each for
# `step_s`, while the arm ran with this level of this factor.
CLIMBS: Final = versioned(
    "climbs",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("factor", label()),
        required("level", pa.float64()),
        required("rates", pa.list_(pa.float64())),
        required("step_s", pa.float64()),
    ],
)


@dataclass(frozen=True, slots=True)
class ClimbRow:
    """With what an arm climbed in one trial, and which rates: the columns of CLIMBS."""

    trial: int
    arm: str
    factor: str
    level: float
    rates: tuple[float, ...]
    step_s: float
