"""The table that `deployment` fills: columns, and rows to hand over."""

from dataclasses import dataclass
from typing import Final

import pyarrow as pa

from twinbench.results.columns import label, required, versioned

# One row per trial in which a next version was deployed. Times are nanoseconds since the trial's
# origin: it began, data were migrated before it (null where nothing was to be), all that serves was
# replaced (or what had been there served again), nothing was left to do. `outcome` is `deployed`,
# `rolled back` or `failed`; `reason` says why it was not deployed. `processes` have begun anew.
# `replicas` of what serves were replaced. A prober told old from new answers; `breaches` are what
# was wrong with them.
DEPLOYMENTS: Final = versioned(
    "deployments",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("flavour", label()),
        required("strategy", label()),
        required("replicas", pa.int16()),
        required("outcome", label()),
        required("reason", pa.string()),
        required("components", pa.list_(pa.string())),
        required("processes", pa.int32()),
        required("artefacts", pa.int32()),
        required("artefact_bytes", pa.int64()),
        required("began_ns", pa.int64()),
        pa.field("migrated_ns", pa.int64()),
        required("serving_ns", pa.int64()),
        required("ended_ns", pa.int64()),
        required("version_before", pa.string()),
        required("version_after", pa.string()),
        pa.field("first_new_ns", pa.int64()),
        pa.field("last_old_ns", pa.int64()),
        required("old_answers", pa.int32()),
        required("new_answers", pa.int32()),
        required("breaches", pa.list_(pa.string())),
    ],
)


@dataclass(frozen=True, slots=True)
class DeploymentRow:
    """One deployment under load: the columns of DEPLOYMENTS."""

    trial: int
    arm: str
    flavour: str
    strategy: str
    replicas: int
    outcome: str
    reason: str
    components: tuple[str, ...]
    processes: int
    artefacts: int
    artefact_bytes: int
    began_ns: int
    migrated_ns: int | None
    serving_ns: int
    ended_ns: int
    version_before: str
    version_after: str
    first_new_ns: int | None
    last_old_ns: int | None
    old_answers: int
    new_answers: int
    breaches: tuple[str, ...]
