"""The table that `polyglotism` fills: columns, and rows to hand over."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# One row per trial. In a `steady` one `implementation` of `component` serves: `cold_start_s` is
# from the start of its process until it is ready, `idle_bytes` its memory (PSS) then. In a `swap`
# it is replaced, under load, by `other`: `swap_s` from the order until nothing is left to do,
# `reason` where that failed. `version` is what /version told at the end of the trial.
REPLACEMENTS: Final = versioned(
    "replacements",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("component", label()),
        required("kind", label()),
        required("implementation", label()),
        required("other", label()),
        required("version", pa.string()),
        pa.field("cold_start_s", pa.float64()),
        pa.field("idle_bytes", pa.int64()),
        pa.field("swap_s", pa.float64()),
        required("reason", pa.string()),
    ],
)


@dataclass(frozen=True, slots=True)
class ReplacementRow:
    """One trial of one implementation: the columns of REPLACEMENTS."""

    trial: int
    block: int
    component: str
    kind: str
    implementation: str
    other: str
    version: str
    cold_start_s: float | None = None
    idle_bytes: int | None = None
    swap_s: float | None = None
    reason: str = ""
