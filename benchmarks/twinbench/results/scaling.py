"""The tables that `scaling` fills: columns, and rows to hand over."""

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

# Of trials that looked for the cheapest replicas: one row per component that may have several.
# `share` of all requests asked for recommendations, `demanded` is requests per second, and every
# replica had `slice_cpus` CPUs.
PROVISIONS: Final = versioned(
    "provisions",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("share", pa.float64()),
        required("demanded", pa.float64()),
        required("component", label()),
        required("replicas", pa.int16()),
        required("slice_cpus", pa.float64()),
    ],
)

# One row per replica of each component that had several in a trial. `address` is where it listens.
REPLICAS: Final = versioned(
    "replicas",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("component", label()),
        required("replica", label()),
        required("address", pa.string()),
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


@dataclass(frozen=True, slots=True)
class ProvisionRow:
    """How many replicas a component had in one trial of a search: the columns of PROVISIONS."""

    trial: int
    arm: str
    share: float
    demanded: float
    component: str
    replicas: int
    slice_cpus: float


@dataclass(frozen=True, slots=True)
class ReplicaRow:
    """One of several: the columns of REPLICAS."""

    trial: int
    arm: str
    component: str
    replica: str
    address: str
