"""The columns of the tables that `resilience` fills."""

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
