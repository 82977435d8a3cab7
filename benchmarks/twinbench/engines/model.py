"""What engines tell about components: plain data, sent as JSON between CLI and supervisor."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Health = Literal["ready", "starting", "unready", "frozen", "stopped", "done", "failed"]


class Phase(StrEnum):
    """How far a component has come while an engine goes up."""

    WAITING = "waiting"
    PREPARING = "preparing"
    STARTING = "starting"
    RUNNING = "running"
    READY = "ready"
    DONE = "done"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of `up`: `component` has entered `phase`; `ready` of `total` are where they go."""

    component: str
    phase: Phase
    ready: int
    total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ReplicaStatus:
    """One running copy. `pids` are the main process first, then all its descendants."""

    name: str
    pids: tuple[int, ...]
    address: str | None
    health: Health
    started_at: float
    restarts: int


@dataclass(frozen=True, slots=True)
class UnaskedExit:
    """A process that ended though nobody had asked it to (a kill through the engine is asked)."""

    replica: str
    at: float
    cause: str


@dataclass(frozen=True, slots=True)
class ComponentStatus:
    """One component. `pss_bytes` and `cpu_seconds` cover all replicas with all descendants.

    `cpu_seconds` counts from the component's first start and includes processes that have ended;
    `pss_bytes` is `None` where it may not be read.
    """

    name: str
    arm: str
    kind: str
    health: Health
    address: str | None
    replicas: tuple[ReplicaStatus, ...]
    pss_bytes: int | None
    cpu_seconds: float
    exits: tuple[UnaskedExit, ...]


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Everything that runs. `arms` are those asked for by the `up` that started it."""

    running: bool
    arms: tuple[str, ...]
    size: str | None
    components: tuple[ComponentStatus, ...]


@dataclass(frozen=True, slots=True)
class ComponentStats:
    """One reading of a component's resources: counters since its first start, except memory.

    `pss_bytes` is `None` when memory was not asked for (reading it walks page tables) or may not be
    read. `processes` is 0 of a component that has ended and is not yet running again.
    `throttled_seconds` is that of the budget the component is under: its own, or the pool of that
    name, which it shares with others; `None` without a budget.
    """

    name: str
    arm: str
    at: float
    processes: int
    cpu_seconds: float
    pss_bytes: int | None
    swap_bytes: int | None
    voluntary_switches: int
    involuntary_switches: int
    throttled_seconds: float | None
    restarts: int
    pool: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """What one component may use of its arm's budget."""

    component: str
    cpus: float | None
    memory_bytes: int | None


@dataclass(frozen=True, slots=True)
class Limit:
    """What an arm may use, all its components together.

    `cores`: the cores its threads may run on; `None` means all that the engine has.
    `cpus`: CPU seconds per second; needs cgroups. `memory_bytes`: likewise; it counts what is
    allocated under the limit, so components that run when it is set are started anew.
    `parts`: none for a shared pool, else one for every component that is no job.
    """

    cores: frozenset[int] | None = None
    cpus: float | None = None
    memory_bytes: int | None = None
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class AppliedLimit:
    """What is in force now, and by which means."""

    limit: Limit
    means: Literal["none", "affinity", "cpuset", "cgroup-v1", "cgroup-v2"]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the machine allows, told before an experiment is begun rather than in its middle.

    `memory_reading`: what `pss_bytes` of this engine's statistics are on this machine.
    """

    cores: tuple[int, ...]
    cpu_budget: bool
    memory_budget: bool
    explanation: str
    memory_reading: Literal["PSS", "cgroup usage less inactive file cache"] = "PSS"
