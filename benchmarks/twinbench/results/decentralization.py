"""The tables that `decentralization` fills: columns, and rows to hand over."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# One row per one-line edit of a capability, from saved to served: seconds for the tests of what is
# built anew (null where they were not run), to build it, and to put it in place under the arm's own
# strategy until an answer came. `tests` were run, `failed` of them failed.
PACES: Final = versioned(
    "paces",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("capability", label()),
        required("suites", pa.list_(pa.string())),
        pa.field("test_s", pa.float64()),
        required("tests", pa.int32()),
        required("failed", pa.int32()),
        required("build_s", pa.float64()),
        required("serve_s", pa.float64()),
        required("components", pa.list_(pa.string())),
    ],
)

# What the database role that a capability's code works with can read: tables of its own capability,
# of none (migrations, events), and of others. `refused` databases of the arm let it not in.
REACHES: Final = versioned(
    "reaches",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("capability", label()),
        required("role", label()),
        required("own", pa.int32()),
        required("shared", pa.int32()),
        required("others", pa.int32()),
        required("refused", pa.int32()),
    ],
)

# One library moved to another version in one component: what had to move with it, and who ran which
# version afterwards. `outcome` is `serves`, or why it was not shown.
MOVES: Final = versioned(
    "moves",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("component", label()),
        required("library", label()),
        required("before", pa.string()),
        required("after", pa.string()),
        required("moved", pa.list_(pa.string())),
        required("stayed", pa.list_(pa.string())),
        required("outcome", pa.string()),
    ],
)

# One row per way to the report and repetition: what was written for it, what it asks, how long it
# takes, and how long after the answer to an order it first told of it. `sales` are its rows.
REPORTS: Final = versioned(
    "reports",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("way", label()),
        required("lines", pa.int32()),
        required("requests", pa.int32()),
        required("sales", pa.int32()),
        required("ms", pa.float64()),
        required("stale_ms", pa.float64()),
    ],
)


@dataclass(frozen=True, slots=True)
class PaceRow:
    """One edit of one capability, from saved to served: the columns of PACES."""

    trial: int
    block: int
    arm: str
    capability: str
    suites: tuple[str, ...]
    test_s: float | None
    tests: int
    failed: int
    build_s: float
    serve_s: float
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReachRow:
    """What one capability's role can read: the columns of REACHES."""

    trial: int
    arm: str
    capability: str
    role: str
    own: int
    shared: int
    others: int
    refused: int


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One library in another version: the columns of MOVES."""

    trial: int
    arm: str
    component: str
    library: str
    before: str
    after: str
    moved: tuple[str, ...]
    stayed: tuple[str, ...]
    outcome: str


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One report by one way: the columns of REPORTS."""

    trial: int
    block: int
    arm: str
    way: str
    lines: int
    requests: int
    sales: int
    ms: float
    stale_ms: float
