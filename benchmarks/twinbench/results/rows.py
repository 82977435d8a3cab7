"""What experiments hand over and analysis gets back, typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


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
class ClimbRow:
    """With what an arm climbed in one trial, and which rates: the columns of CLIMBS."""

    trial: int
    arm: str
    factor: str
    level: float
    rates: tuple[float, ...]
    step_s: float


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What the auditor found after one trial: the columns of AUDITS."""

    trial: int
    arm: str
    checked: bool
    orders: int
    settled_s: float
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TallyRow:
    """Effects of one kind at an audit: the columns of TALLIES."""

    trial: int
    block: int
    arm: str
    part: str
    effect: str
    due: int
    lost: int
    doubled: int


@dataclass(frozen=True, slots=True)
class WindowRow:
    """One asynchronous effect, from acknowledged to seen: the columns of WINDOWS."""

    trial: int
    block: int
    arm: str
    part: str
    effect: str
    unseen_ms: float
    seen_ms: float | None
    reads: int


@dataclass(frozen=True, slots=True)
class PendingRow:
    """An order that was seen pending more than once: the columns of PENDING."""

    trial: int
    block: int
    arm: str
    order: str
    pending_s: float
    status: str


@dataclass(frozen=True, slots=True)
class ReadRow:
    """One kind of read in a closed loop of one connection: the columns of READS."""

    trial: int
    block: int
    arm: str
    read: str
    requests: int
    seconds: float
    cpu_seconds: float


AnyRow = (
    TrialRow
    | ResourceRow
    | SaturationRow
    | AnswerRow
    | CallRow
    | ClimbRow
    | AuditRow
    | TallyRow
    | WindowRow
    | PendingRow
    | ReadRow
)


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
