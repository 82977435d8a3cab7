"""One replica: started, watched, restarted when it ends unasked, stopped with all it started."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from twinbench.engines.children import Children, Confinement, Exit, Launch, Process
from twinbench.engines.logs import tail_of
from twinbench.engines.procfs import ProcessRow, ProcessTable, process_row
from twinbench.engines.protocol import EngineError, UnaskedExit
from twinbench.engines.readiness import Probe, answers

_POLL_SECONDS = 0.05
_STOP_POLL_SECONDS = 0.02
_LONGEST_BACKOFF = 5.0
_STEADY_SECONDS = 10.0
_STILL_IN_USE = "still in use"
_STOPPED = frozenset("TtZX")


@dataclass(frozen=True, slots=True)
class Means:
    """How a replica is started and asked; called anew at each start."""

    launch: Callable[[], Launch]
    confinement: Callable[[], Confinement]
    probe: Callable[[], Probe]
    ready_seconds: float = 60.0


@dataclass(eq=False)
class Replica:
    """`held`: it is to stay down. `exits`: the ends that nobody had asked for."""

    name: str
    port: int
    children: Children
    means: Means
    restart: bool
    stop_grace: float
    process: Process | None = None
    held: bool = False
    restarts: int = 0
    started_at: float = 0.0
    exits: list[UnaskedExit] = field(default_factory=list)
    _launch: Launch | None = None
    _accounted: Process | None = None
    _asked: bool = False
    _ended_cpu: float = 0.0
    _seen_cpu: float = 0.0
    _quick_ends: int = 0
    _watcher: "asyncio.Task[None] | None" = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.running

    def family(self, table: ProcessTable) -> list[ProcessRow]:
        """The main process first, then all that it has started."""
        return table.family(self.process.pid) if self.process and self.process.running else []

    def cpu_seconds(self, rows: list[ProcessRow]) -> float:
        """Of all processes that this replica ever had."""
        self._seen_cpu = max(self._seen_cpu, self._ended_cpu + sum(r.cpu_seconds for r in rows))
        return self._seen_cpu

    async def start(self) -> None:
        """Returns when it is ready; raises with the tail of its log when it never gets there."""
        self.held = False
        deadline = time.monotonic() + self.means.ready_seconds
        while True:
            self._spawn()
            ended = await self._ready_or_ended(deadline)
            if ended is None:
                return
            if _STILL_IN_USE not in self.log_tail() or time.monotonic() > deadline:
                raise EngineError(f"{self.name} did not start: {ended.cause}{self.log_tail()}")
            self._quick_ends += 1
            await asyncio.sleep(self._backoff())

    async def _ready_or_ended(self, deadline: float) -> Exit | None:
        process, probe = self.process, self.means.probe()
        assert process is not None  # noqa: S101 -- for the type checker: just spawned
        while not await answers(probe):
            if process.exited.done():
                return process.exited.result()
            if time.monotonic() > deadline:
                seconds = self.means.ready_seconds
                await self.stop()
                raise EngineError(f"{self.name} not ready in {seconds:.0f} s{self.log_tail()}")
            await asyncio.wait([process.exited], timeout=_POLL_SECONDS)
        self._watcher = asyncio.create_task(self._watch(process))
        return None

    def _spawn(self) -> None:
        self._launch = self.means.launch()
        self._asked = False
        try:
            self.process = self.children.spawn(self._launch, self.means.confinement())
        except OSError as error:
            raise EngineError(f"{self.name} cannot be started: {error}") from error
        self.started_at = time.time()

    async def _watch(self, process: Process) -> None:
        """Until nobody wants it any more."""
        while True:
            ended = await process.exited
            self._account(process, ended)
            kill_leftovers(self.children)
            if not self._asked:
                self.exits.append(UnaskedExit(self.name, time.time(), ended.cause))
            if self.held or not self.restart:
                return
            steady = time.time() - self.started_at > _STEADY_SECONDS
            self._quick_ends = 0 if steady or self._asked else self._quick_ends + 1
            await asyncio.sleep(self._backoff())
            try:
                self._spawn()
            except EngineError as error:
                self.exits.append(UnaskedExit(self.name, time.time(), str(error)))
                return
            self.restarts += 1
            process = self.process or process

    def _account(self, process: Process, ended: Exit) -> None:
        if self._accounted is process:
            return
        self._accounted = process
        self._ended_cpu = max(self._seen_cpu, self._ended_cpu + ended.cpu_seconds)
        self._seen_cpu = self._ended_cpu

    def _backoff(self) -> float:
        quick = self._quick_ends
        return 0.0 if quick == 0 else min(_LONGEST_BACKOFF, 0.1 * 2.0**quick)

    async def stop(self, number: signal.Signals | None = None) -> None:
        """By its own signal if none is given, then by force; nothing that it started is left."""
        self.held = self._asked = True
        process = self.process
        if process is not None and self._launch is not None and process.running:
            family = ProcessTable().family(process.pid)
            signal_all(family, signal.SIGCONT)
            if number is signal.SIGKILL:
                signal_all(family, number)
            process.send(number or self._launch.stop_signal)
            await asyncio.wait([process.exited], timeout=self.stop_grace)
            if process.running:
                print(f"{self.name} did not stop in {self.stop_grace:.0f} s: killed", flush=True)
                signal_all(ProcessTable().family(process.pid), signal.SIGKILL)
                await process.exited
            kill_leftovers(self.children)
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait([self._watcher])
            self._watcher = None
        if process is not None:
            self._account(process, process.exited.result())
            self.process = None

    async def kill(self, number: signal.Signals, *, restart: bool) -> None:
        """As in a container: with the main process, all its processes are gone, or stand still."""
        process = self.process
        if process is None or not process.running:
            raise EngineError(f"{self.name} is not running")
        if number is signal.SIGSTOP:
            await stop_all([self])
            return
        family = ProcessTable().family(process.pid)
        if number is signal.SIGCONT:
            signal_all(family, number)
            return
        self.held, self._asked = not restart, True
        if number is not signal.SIGKILL:
            process.send(number)
            return
        self.cpu_seconds(family)
        signal_all(family, signal.SIGKILL)
        await process.exited

    def log_tail(self) -> str:
        return tail_of(self._launch.log) if self._launch else ""


def signal_all(rows: list[ProcessRow], number: signal.Signals) -> None:
    for row in rows:
        try:
            os.kill(row.pid, number)
        except ProcessLookupError:
            continue


async def stop_all(replicas: Sequence[Replica]) -> None:
    """SIGSTOP in this order until none runs: one may be started while others are being stopped."""
    while True:
        table = ProcessTable()
        rows = [row for replica in replicas for row in replica.family(table)]
        running = [row for row in rows if row.state not in _STOPPED]
        if not running:
            return
        signal_all(running, signal.SIGSTOP)
        await asyncio.sleep(0)
        if all(_is_stopped(row.pid) for row in running):
            continue
        await asyncio.sleep(_STOP_POLL_SECONDS)


def _is_stopped(pid: int) -> bool:
    row = process_row(pid)
    return row is None or row.state in _STOPPED


def kill_leftovers(children: Children) -> None:
    """Orphans come to us as their adoptive parent: what belongs to no living main process goes."""
    table, mains = ProcessTable(), children.main_pids
    strays = [
        row
        for row in table.children(os.getpid())
        if row.pid not in mains and row.session not in mains and row.state != "Z"
    ]
    for stray in strays:
        signal_all([*table.descendants(stray.pid), stray], signal.SIGKILL)
