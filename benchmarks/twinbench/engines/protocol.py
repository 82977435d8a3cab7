"""What every engine can do: the one interface that commands and experiments are written against.

An engine runs the components of `docker-compose.yml`. Arms are named as there (`monolith`,
`microservices`); components that belong to no arm (the acquirer) are addressed as `OUTSIDE`.
A *component* is one service of that file, a *replica* one running copy of it, named
`<component>-<number>` and counted from 1. All calls block until what they ask for is true, and
raise `EngineError` with one clear line when it cannot be made true.
"""

import signal as signals
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, Protocol

from twinbench.engines.model import (
    Abilities,
    AppliedLimit,
    ComponentStats,
    ComponentStatus,
    EngineStatus,
    Health,
    Limit,
    Part,
    Phase,
    Progress,
    ReplicaStatus,
    UnaskedExit,
)
from twinbench.errors import TwinbenchError
from twinbench.paths import StatePaths
from twinbench.topology import OUTSIDE

__all__ = [
    "OUTSIDE",
    "Abilities",
    "AppliedLimit",
    "ComponentStats",
    "ComponentStatus",
    "Engine",
    "EngineError",
    "EngineStatus",
    "Health",
    "Limit",
    "Part",
    "Phase",
    "Progress",
    "ReplaceStrategy",
    "ReplicaStatus",
    "RolledBackError",
    "UnaskedExit",
    "UnsupportedByEngineError",
]

ReplaceStrategy = Literal["recreate", "reload", "rolling", "blue-green"]


class EngineError(TwinbenchError):
    """Something the user can act on; the message is one clear line."""


class UnsupportedByEngineError(EngineError):
    """This engine lacks what was asked; the message names the reason and the way out."""


class RolledBackError(EngineError):
    """What was to replace a component did not get ready; what ran before serves again."""


class Engine(Protocol):
    """Runs the components of the topology; one object per state folder, cheap to make."""

    @property
    def name(self) -> str:
        """`process` or `compose`."""
        ...

    @property
    def paths(self) -> StatePaths:
        """The state folder."""
        ...

    def abilities(self) -> Abilities:
        """Says which limits this engine can enforce on this machine."""
        ...

    def up(
        self,
        arms: Sequence[str],
        *,
        size: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        """Brings the arms and all they depend on to readiness; those already up are left alone.

        `size` is the dataset's; `None` keeps what is loaded already (`small` on a new state).
        Interrupting it, or killing the caller, takes everything this call started down again.
        """
        ...

    def temporarily_up(self, arms: Sequence[str]) -> AbstractContextManager[None]:
        """Everything, the state folder included, goes when the block or this process ends."""
        ...

    def down(self) -> None:
        """Stops everything in reverse dependency order; data stays. No-op when nothing runs."""
        ...

    def status(self) -> EngineStatus:
        """Health is probed now, through each component's own protocol."""
        ...

    def gateway(self, arm: str) -> str:
        """Base URL of the arm's gateway, such as `http://127.0.0.1:8001`, without `/api/v1`."""
        ...

    def address(self, component: str) -> str:
        """`host:port` of the component's first replica."""
        ...

    def scale(self, component: str, replicas: int) -> None:
        """Runs so many replicas, ready; gateways are told at once of new and of leaving ones."""
        ...

    def replace(
        self,
        component: str,
        *,
        environment: Mapping[str, str] | None = None,
        source: Path | None = None,
        variables: Mapping[str, str] | None = None,
        strategy: ReplaceStrategy = "recreate",
    ) -> None:
        """Runs the code that is on disk now, with `environment` laid over the topology's.

        The code is that in `source`, a folder laid out as the topology's own, in whose place it is.
        `variables` are the topology's, for this component alone and until it is replaced again:
        with them it may be another implementation.

        `recreate` stops each replica and starts it again at its address. `rolling` starts a new one
        beside each, and takes the old one from service when the new one serves. `blue-green` starts
        as many beside all, and switches over at once. Of these two, gateways and callers are told
        before anything is stopped, and whoever leaves ends what it has begun. `reload` lets an app
        server swap its workers while its socket stays open; it cannot change environment or source.
        Raises RolledBackError when the new ones do not get ready.
        """
        ...

    def prepare(self, component: str, *, source: Path) -> None:
        """Builds what a later `replace` or `run_job` with this source needs, changing nothing."""
        ...

    def run_job(self, job: str, *, source: Path | None = None) -> None:
        """Runs a job of the topology again, to its end, with the code in `source`."""
        ...

    def kill(
        self,
        replica: str,
        signal: signals.Signals = signals.SIGKILL,
        *,
        restart: bool = True,
    ) -> None:
        """Sends the signal to the replica; SIGKILL ends all its processes, as in a container.

        SIGSTOP and SIGCONT reach all of them too; it is still running, then, and `restart` says
        nothing. Returns when the signal is delivered. A component name stands for its first
        replica.
        With `restart` the topology's restart policy applies at once; without, the replica stays
        down until `start`.
        """
        ...

    def start(self, component: str) -> None:
        """Starts what `kill(restart=False)` left down; returns when the component is ready."""
        ...

    def wait_ready(self, arm: str, *, timeout: float = 30.0) -> None:
        """Returns when every component of the arm is ready, as after `kill`."""
        ...

    def freeze(self, arm: str) -> None:
        """Stops (SIGSTOP) every process of the arm; it then takes no CPU. Idempotent."""
        ...

    def thaw(self, arm: str) -> None:
        """Lets a frozen arm go on. Idempotent."""
        ...

    def reset(self, arm: str) -> None:
        """Puts the arm's databases back to what they were when its jobs had just succeeded.

        Caches are emptied, open connections cut, and components go on running, but for those that
        cannot be asked whether they have noticed. Returns when all are ready again.
        """
        ...

    def limit(self, arm: str, limit: Limit) -> AppliedLimit:
        """Applies to all processes of the arm, also those started later. `Limit()` lifts it."""
        ...

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        """Reads resources of every component (of one arm) in one pass."""
        ...

    def logs(self, component: str, *, lines: int = 100) -> str:
        """The last lines of the component's log, all replicas, oldest first."""
        ...

    def follow(self, component: str, *, lines: int) -> Iterator[str]:
        """The last lines, then each new one as it is written; does not end by itself."""
        ...

    def log_files(self, component: str) -> tuple[Path, ...]:
        """The component's log files, one per replica."""
        ...

    def database_url(
        self, component: str, *, database: str | None = None, admin: bool = False
    ) -> str:
        """URL with password of a `database` component: its owner's, or the superuser's.

        `database`: which, where the component holds several.
        """
        ...
