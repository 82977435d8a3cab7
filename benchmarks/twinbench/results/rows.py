"""What experiments hand over and analysis gets back, typed."""

from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, TypeVar


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One attempt at a trial: the columns of TRIALS, by the same names and in the same units."""

    trial: int
    block: int
    position: int
    attempt: int
    arm: str
    offered_rate: float
    seed: int
    started_at: datetime
    origin_ns: int
    warmup_s: float
    measure_s: float
    tail_s: float
    arrivals: int
    achieved_rate: float
    requests: int
    failed: int
    transactions: float
    cpu_seconds: float
    pss_bytes: int
    lag_p99_ms: float
    generator_cpu: float
    generator_wait: float
    in_flight_mean: float
    steal: float
    foreign: float
    valid: bool
    reasons: tuple[str, ...]
    in_flight_rows: float = 0.0
    throttled_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class ResourceRow:
    """One reading of one component: the columns of RESOURCES."""

    trial: int
    arm: str
    component: str
    at_ns: int
    processes: int
    cpu_seconds: float
    voluntary_switches: int
    involuntary_switches: int
    throttled_seconds: float | None
    pss_bytes: int | None
    swap_bytes: int | None
    restarts: int


@dataclass(frozen=True, slots=True)
class SaturationRow:
    """One closed-loop trial: the columns of SATURATION."""

    trial: int
    block: int
    arm: str
    page: str
    target: str
    seconds: float
    requests: int
    cpu_seconds: float
    steal: float


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """What one answer told of itself: the columns of ANSWERS."""

    trial: int
    journey_id: int
    step: int
    request: str
    finished_ns: int
    operation: str
    wall_ms: float
    cpu_ms: float
    calls_ms: float
    calls: int
    lost: int
    left: int


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call that an answer waited for: the columns of CALLS."""

    trial: int
    journey_id: int
    step: int
    request: str
    finished_ns: int
    operation: str
    wall_ms: float
    own_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What the auditor found after one trial: the columns of AUDITS."""

    trial: int
    arm: str
    checked: bool
    orders: int
    settled_s: float
    findings: tuple[str, ...]


class AnyRow(Protocol):
    """Any dataclass whose fields are the columns of a table, by the same names and units."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


R = TypeVar("R")


def row_as(kind: Callable[..., R], row: Mapping[str, Any], **more: object) -> R:
    """A row that was read, as it was handed over: lists are tuples again. `more` are fields that a
    subclass adds. Raises TypeError where columns and fields differ."""
    own = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    return kind(**own, **more)


@dataclass(frozen=True, slots=True)
class Provenance:
    """All that is needed to judge, or to repeat, a run. `configuration` holds plain values."""

    experiment: str
    configuration: dict[str, Any]
    seed: int
    revision: str
    dirty: bool
    topology_digest: str
    engine: str
    limits: Mapping[str, Any]
    host: dict[str, Any]
    versions: dict[str, str]
    command: tuple[str, ...]
    started_at: datetime
