"""The tables that `modularity` fills: columns, and rows to hand over."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# One row per way in which a capability depends on another: `source` would have to know if `target`
# changed. `kind` is import, public (a call of a public door), call (over HTTP), address (that a
# component is given), event (its handler depends on who tells), foreign key or query. `declared`:
# whether the architecture says so.
EDGES: Final = versioned(
    "edges",
    [
        required("build", label()),
        required("source", label()),
        required("target", label()),
        required("kind", label()),
        required("detail", pa.string()),
        required("declared", pa.bool_()),
    ],
)

# One row per capability and build: what others may use of it, by name, in how many modules.
SURFACES: Final = versioned(
    "surfaces",
    [
        required("build", label()),
        required("capability", label()),
        required("modules", pa.int32()),
        required("door", pa.list_(pa.string())),
        required("events", pa.list_(pa.string())),
    ],
)

# One row per capability, build and rule: how many forbidden imports were planted, one at a time,
# and how many of them the build's own check noticed.
RULES: Final = versioned(
    "rules",
    [
        required("build", label()),
        required("capability", label()),
        required("rule", label()),
        required("planted", pa.int32()),
        required("noticed", pa.int32()),
    ],
)

# One row per project of a build: what its own tests take.
SUITES: Final = versioned(
    "suites",
    [
        required("build", label()),
        required("project", label()),
        required("tests", pa.int32()),
        required("seconds", pa.float64()),
    ],
)

# One row per change request and build. Lines are those added and removed together; `other` ones are
# in documents, the workbench and the third arm, whose files are not counted. `meant` are the
# capabilities that the request is about, `capabilities` those whose code the patch changes.
# `artefacts` are built anew, `components` started anew, `contracts` changed between parts or for
# customers; `releases` must follow each other. `suites` are the projects whose tests must run.
# The last four are null where the request's own test was not run.
CHANGES: Final = versioned(
    "changes",
    [
        required("request", pa.string()),
        required("title", pa.string()),
        required("build", label()),
        required("files", pa.int32()),
        required("code_lines", pa.int32()),
        required("test_lines", pa.int32()),
        required("contract_lines", pa.int32()),
        required("other_lines", pa.int32()),
        required("meant", pa.list_(pa.string())),
        required("capabilities", pa.list_(pa.string())),
        required("artefacts", pa.list_(pa.string())),
        required("components", pa.list_(pa.string())),
        required("contracts", pa.list_(pa.string())),
        required("releases", pa.list_(pa.string())),
        required("suites", pa.list_(pa.string())),
        pa.field("fails_before", pa.bool_()),
        pa.field("passes_after", pa.bool_()),
        pa.field("tests", pa.int32()),
        pa.field("seconds", pa.float64()),
    ],
)


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """One way in which a capability depends on another: the columns of EDGES."""

    build: str
    source: str
    target: str
    kind: str
    detail: str
    declared: bool


@dataclass(frozen=True, slots=True)
class SurfaceRow:
    """What others may use of a capability: the columns of SURFACES."""

    build: str
    capability: str
    modules: int
    door: tuple[str, ...]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleRow:
    """Forbidden imports of one kind, and how many were noticed: the columns of RULES."""

    build: str
    capability: str
    rule: str
    planted: int
    noticed: int


@dataclass(frozen=True, slots=True)
class SuiteRow:
    """What the tests of one project take: the columns of SUITES."""

    build: str
    project: str
    tests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """How far one change request reaches in one build: the columns of CHANGES."""

    request: str
    title: str
    build: str
    files: int
    code_lines: int
    test_lines: int
    contract_lines: int
    other_lines: int
    meant: tuple[str, ...]
    capabilities: tuple[str, ...]
    artefacts: tuple[str, ...]
    components: tuple[str, ...]
    contracts: tuple[str, ...]
    releases: tuple[str, ...]
    suites: tuple[str, ...]
    fails_before: bool | None = None
    passes_after: bool | None = None
    tests: int | None = None
    seconds: float | None = None
