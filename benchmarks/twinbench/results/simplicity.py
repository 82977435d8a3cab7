"""The table that `simplicity` fills: columns, and rows to hand over."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# One row per figure of an arm and part of it, counted from the tree (`trial` 0) or seen while the
# arm ran. A unit is in the figure's name; without one it is a count.
FIGURES: Final = versioned(
    "figures",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("figure", label()),
        required("part", label()),
        required("value", pa.float64()),
    ],
)


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure of one part of an arm: the columns of FIGURES."""

    trial: int
    block: int
    arm: str
    figure: str
    part: str
    value: float
