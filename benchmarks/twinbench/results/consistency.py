"""The columns of the tables that `consistency` fills."""

from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# Of `consistency`. `part` says under what: idle, load, reads or kills.
# Effects of one kind since the data were reset: as many as were due, missing, and too many.
TALLIES: Final = versioned(
    "tallies",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("part", label()),
        required("effect", label()),
        required("due", pa.int64()),
        required("lost", pa.int64()),
        required("doubled", pa.int64()),
    ],
)

# One row per effect that was waited for, in milliseconds since its cause was acknowledged: the last
# read that did not show it was sent then, the first that did was answered then (null: none did).
WINDOWS: Final = versioned(
    "windows",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("part", label()),
        required("effect", label()),
        required("unseen_ms", pa.float64()),
        pa.field("seen_ms", pa.float64()),
        required("reads", pa.int32()),
    ],
)

# One row per order that was pending in two looks at the database; `status` is what became of it.
PENDING: Final = versioned(
    "pending",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("order", pa.string()),
        required("pending_s", pa.float64()),
        required("status", label()),
    ],
)

# One row per closed loop over one connection; `cpu_seconds` is what the arm used in `seconds`.
READS: Final = versioned(
    "reads",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("read", label()),
        required("requests", pa.int64()),
        required("seconds", pa.float64()),
        required("cpu_seconds", pa.float64()),
    ],
)
