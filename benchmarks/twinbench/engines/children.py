"""Child processes of the supervisor: each in its own session, none outlives it.

The supervisor must stay single-threaded: children are prepared between fork and exec, and the
kernel ties their parent-death signal to the thread that forked them.
"""

import asyncio
import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from twinbench.engines.kinship import die_with_parent
from twinbench.engines.procfs import process_row


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start one process. `user` is only ever set when the supervisor is root."""

    argv: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a process is put into before it runs."""

    cores: frozenset[int] | None = None
    cgroup_files: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Exit:
    """How a process ended, and the CPU that it and its waited-for descendants took."""

    status: int
    cpu_seconds: float

    @property
    def cause(self) -> str:
        if self.status >= 0:
            return f"exit status {self.status}"
        try:
            return f"killed by {signal.Signals(-self.status).name}"
        except ValueError:
            return f"killed by signal {-self.status}"


@dataclass(eq=False, slots=True)
class Process:
    pid: int
    start_ticks: int
    exited: "asyncio.Future[Exit]"
    popen: "subprocess.Popen[bytes]" = field(repr=False)

    @property
    def running(self) -> bool:
        return not self.exited.done()

    def send(self, number: signal.Signals) -> None:
        if self.running:
            os.kill(self.pid, number)


class Children:
    """Starts processes and reaps all that end, adopted orphans included."""

    def __init__(self) -> None:
        self._by_pid: dict[int, Process] = {}
        self.on_change: Callable[[], None] = _nothing
        asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, self._reap)

    def spawn(self, launch: Launch, confinement: Confinement) -> Process:
        """Raises `OSError` when the program cannot be started at all."""
        supervisor = os.getpid()

        def prepare() -> None:
            for file in confinement.cgroup_files:
                file.write_text("0")
            if confinement.cores is not None:
                os.sched_setaffinity(0, confinement.cores)
            if launch.user is not None:
                become(launch.user)
            # Last: a change of user clears it.
            die_with_parent(launch.stop_signal)
            if os.getppid() != supervisor:
                os._exit(1)

        with launch.log.open("ab", buffering=0) as log:
            popen = subprocess.Popen(
                launch.argv,
                cwd=launch.folder,
                env=dict(launch.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=prepare,  # noqa: PLW1509 -- safe: the supervisor has one thread
            )
        row = process_row(popen.pid)
        exited = asyncio.get_running_loop().create_future()
        process = Process(popen.pid, row.start_ticks if row else 0, exited, popen)
        self._by_pid[popen.pid] = process
        self.on_change()
        return process

    @property
    def identities(self) -> list[tuple[int, int]]:
        """Pid and start time of each, which no later process shares."""
        return [(process.pid, process.start_ticks) for process in self._by_pid.values()]

    @property
    def main_pids(self) -> frozenset[int]:
        return frozenset(self._by_pid)

    def _reap(self) -> None:
        while True:
            try:
                pid, status, usage = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            process = self._by_pid.pop(pid, None)
            if process is not None:
                code = os.waitstatus_to_exitcode(status)
                process.popen.returncode = code
                process.exited.set_result(Exit(code, usage.ru_utime + usage.ru_stime))
                self.on_change()


def _nothing() -> None:
    pass


def become(user: str) -> None:
    """Gives up root for good."""
    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
