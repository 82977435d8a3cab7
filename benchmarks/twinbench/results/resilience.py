"""The tables that `resilience` fills: columns, and rows to hand over."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# Of runs with faults. One row per trial: `fault` by its name, `baseline` where nothing was to fail.
# Times as in REQUESTS; `ready_ns` is null where not everything got ready again. `bites` counts what
# the fault hit, by a measure of its own; a trial without any is void.
FAULTS: Final = versioned(
    "faults",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("fault", label()),
        required("component", label()),
        required("begins_ns", pa.int64()),
        required("ends_ns", pa.int64()),
        pa.field("ready_ns", pa.int64()),
        required("bites", pa.int64()),
    ],
)

# One row per trial in which the contract promises something of the fault, and was asked for it.
PROMISES: Final = versioned(
    "promises",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("fault", label()),
        required("promise", label()),
        required("kept", pa.bool_()),
        required("seen", pa.string()),
    ],
)


@dataclass(frozen=True, slots=True)
class FaultRow:
    """What struck an arm in one trial: the columns of FAULTS."""

    trial: int
    arm: str
    fault: str
    component: str
    begins_ns: int
    ends_ns: int
    ready_ns: int | None
    bites: int


@dataclass(frozen=True, slots=True)
class PromiseRow:
    """What became of one promise in one trial: the columns of PROMISES."""

    trial: int
    arm: str
    fault: str
    promise: str
    kept: bool
    seen: str
