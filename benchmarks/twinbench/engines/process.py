"""The process engine: embedded servers and virtual environments, no Docker, no root needed."""

import contextlib
import signal as signals
import socket
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from twinbench.engines import launcher, leftovers, wire
from twinbench.engines.cgroups import abilities
from twinbench.engines.protocol import (
    Abilities,
    AppliedLimit,
    ComponentStats,
    EngineError,
    EngineStatus,
    Limit,
    Progress,
    ReplaceStrategy,
    RolledBackError,
    UnsupportedByEngineError,
)
from twinbench.engines.state import StateLock, open_state
from twinbench.engines.variables import variables_of
from twinbench.paths import TOPOLOGY_FILE, StatePaths, state_folder
from twinbench.topology import load

_POLL_SECONDS = 0.02
_FOLLOW_SECONDS = 0.2


_KINDS: Mapping[str, type[EngineError]] = {
    "": EngineError,
    "unsupported": UnsupportedByEngineError,
    "rolled back": RolledBackError,
}


class SupervisorEndedError(EngineError):
    """It was killed, or told to go down by someone else, before it could answer."""


class ProcessEngine:
    """Talks to the supervisor of one state folder, which it starts when there is need of one.

    Objects hold no connection: they may be used from several threads.
    """

    name = "process"

    def __init__(self, *, state: Path | None = None, topology_file: Path = TOPOLOGY_FILE) -> None:
        self._paths = StatePaths(state or state_folder())
        self._topology_file = topology_file

    @property
    def paths(self) -> StatePaths:
        return self._paths

    def abilities(self) -> Abilities:
        return abilities()

    def up(
        self,
        arms: Sequence[str],
        *,
        size: str | None = None,
        progress: Callable[[Progress], None] | None = None,
    ) -> None:
        variables = variables_of(self._topology_file)
        topology = load(self._topology_file, variables=variables)
        for arm in arms:
            if arm not in topology.arms:
                raise EngineError(f"unknown arm {arm!r}: choose from {', '.join(topology.arms)}")
        open_state(self._paths)
        args = {"arms": list(arms), "size": size, "variables": variables}
        begun = False

        def report(step: Progress) -> None:
            nonlocal begun
            begun = True
            if progress is not None:
                progress(step)

        try:
            self._ascend(args, report)
        except SupervisorEndedError:
            if begun:
                raise
            # It was about to go when we came, as one does whose `up` has just failed.
            self._ascend(args, report)

    def _ascend(self, args: Mapping[str, object], report: Callable[[Progress], None]) -> None:
        with self._connected_to_supervisor() as connection:
            self._call(connection, "up", args, report)

    @contextlib.contextmanager
    def temporarily_up(self, arms: Sequence[str]) -> Iterator[None]:
        """Everything, the state folder included, goes when the block or this process ends."""
        open_state(self._paths)
        with (
            launcher.seeing_the_end(self._paths),
            launcher.start(self._paths, self._topology_file) as owner,
        ):
            owner.sendall(wire.encode({"op": "hold_temporarily"}))
            self.up(arms)
            yield

    def down(self) -> None:
        while self._paths.lock.exists():
            connection = launcher.connect(self._paths)
            if connection is not None:
                ending = launcher.seeing_the_end(self._paths)
                with ending, connection, contextlib.suppress(SupervisorEndedError):
                    self._call(connection, "down", {}, None)
                continue
            lock = StateLock(self._paths)
            if lock.acquire():
                leftovers.end_recorded(self._paths)
                lock.release()
                return
            time.sleep(_POLL_SECONDS)

    def status(self) -> EngineStatus:
        connection = launcher.connect(self._paths)
        if connection is None:
            return EngineStatus(running=False, arms=(), size=None, components=())
        with connection:
            return wire.build(EngineStatus, self._call(connection, "status", {}, None))

    def gateway(self, arm: str) -> str:
        return str(self._ask("gateway", arm=arm))

    def address(self, component: str) -> str:
        return str(self._ask("address", component=component))

    def scale(self, component: str, replicas: int) -> None:
        self._ask("scale", component=component, replicas=replicas)

    def replace(
        self,
        component: str,
        *,
        environment: Mapping[str, str] | None = None,
        source: Path | None = None,
        variables: Mapping[str, str] | None = None,
        strategy: ReplaceStrategy = "recreate",
    ) -> None:
        args = {"environment": dict(environment or {}), "source": _absolute(source)}
        others = dict(variables or {})
        self._ask("replace", component=component, strategy=strategy, variables=others, **args)

    def prepare(self, component: str, *, source: Path) -> None:
        """Nothing is built: programs run from the folder itself."""

    def run_job(self, job: str, *, source: Path | None = None) -> None:
        self._ask("run_job", job=job, source=_absolute(source))

    def kill(
        self,
        replica: str,
        signal: signals.Signals = signals.SIGKILL,
        *,
        restart: bool = True,
    ) -> None:
        self._ask("kill", replica=replica, signal=int(signal), restart=restart)

    def start(self, component: str) -> None:
        self._ask("start", component=component)

    def wait_ready(self, arm: str, *, timeout: float = 30.0) -> None:
        self._ask("wait_ready", arm=arm, timeout=timeout)

    def freeze(self, arm: str) -> None:
        self._ask("freeze", arm=arm)

    def thaw(self, arm: str) -> None:
        self._ask("thaw", arm=arm)

    def reset(self, arm: str) -> None:
        self._ask("reset", arm=arm)

    def limit(self, arm: str, limit: Limit) -> AppliedLimit:
        return wire.build(AppliedLimit, self._ask("limit", arm=arm, limit=limit))

    def stats(self, arm: str | None = None, *, memory: bool = True) -> tuple[ComponentStats, ...]:
        return wire.build(tuple[ComponentStats, ...], self._ask("stats", arm=arm, memory=memory))

    def logs(self, component: str, *, lines: int = 100) -> str:
        texts = [file.read_text(errors="replace") for file in self.log_files(component)]
        return "\n".join(line for text in texts for line in text.splitlines()[-lines:])

    def log_files(self, component: str) -> tuple[Path, ...]:
        topology = load(self._topology_file)
        if component not in topology.components:
            known = ", ".join(topology.components)
            raise EngineError(f"unknown component {component!r}: choose from {known}")
        return tuple(sorted(self._paths.logs.glob(f"{component}-[0-9]*.log")))

    def follow(self, component: str, *, lines: int) -> Iterator[str]:
        streams: list[TextIO] = []
        for file in self.log_files(component):
            streams.append(file.open(errors="replace"))
            yield from streams[-1].readlines()[-lines:]
        while True:
            for stream in streams:
                yield from stream
            time.sleep(_FOLLOW_SECONDS)

    def database_url(
        self, component: str, *, database: str | None = None, admin: bool = False
    ) -> str:
        args = {"component": component, "database": database, "admin": admin}
        return str(self._ask("database_url", **args))

    def _ask(self, operation: str, **args: object) -> Any:  # noqa: ANN401 -- as the wire has it
        connection = launcher.connect(self._paths)
        if connection is None:
            raise EngineError("nothing is running: start with `twinbench up`")
        with connection:
            return self._call(connection, operation, args, None)

    def _call(
        self,
        connection: socket.socket,
        operation: str,
        args: Mapping[str, object],
        progress: Callable[[Progress], None] | None,
    ) -> Any:  # noqa: ANN401 -- as the wire has it
        for line in self._answers(connection, wire.encode({"op": operation, "args": args})):
            message = wire.decode(line)
            if "progress" in message:
                if progress is not None:
                    progress(wire.build(Progress, message["progress"]))
            elif "error" in message:
                raise _KINDS[message.get("kind", "")](message["error"])
            else:
                return message["result"]
        raise SupervisorEndedError(f"the supervisor has ended; see {self._paths.supervisor_log}")

    def _answers(self, connection: socket.socket, request: bytes) -> Iterator[bytes]:
        """Ends early when the supervisor does."""
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
            with connection.makefile("rb") as lines:
                yield from lines

    @contextlib.contextmanager
    def _connected_to_supervisor(self) -> Iterator[socket.socket]:
        """Starts one where there is none. Interrupted, it waits until all is down again."""
        connection = launcher.connect(self._paths) or launcher.start(
            self._paths, self._topology_file
        )
        try:
            with connection:
                yield connection
        except KeyboardInterrupt:
            if not self.status().arms:
                with launcher.seeing_the_end(self._paths):
                    pass
            raise


def _absolute(folder: Path | None) -> str | None:
    return None if folder is None else str(folder.absolute())
