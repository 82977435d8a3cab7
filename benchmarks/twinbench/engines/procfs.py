"""What Linux tells about processes: who descends from whom, and what they use."""

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One line of the process table; `cpu_seconds` includes children that were waited for."""

    pid: int
    parent: int
    session: int
    state: str
    start_ticks: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Memory:
    pss_bytes: int
    swap_bytes: int


def process_row(pid: int) -> ProcessRow | None:
    """`None` when the process is gone."""
    try:
        text = (_PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command may hold anything, closing parentheses included: fields start after the last one.
    fields = text[text.rindex(")") + 2 :].split()
    return ProcessRow(
        pid=pid,
        parent=int(fields[1]),
        session=int(fields[3]),
        state=fields[0],
        start_ticks=int(fields[19]),
        cpu_seconds=sum(map(int, fields[11:15])) / _TICKS,
    )


class ProcessTable:
    """One reading of all processes."""

    def __init__(self) -> None:
        rows = (process_row(int(entry.name)) for entry in _PROC.glob("[0-9]*"))
        self._rows = {row.pid: row for row in rows if row is not None}
        self._children: dict[int, list[ProcessRow]] = {}
        for row in self._rows.values():
            self._children.setdefault(row.parent, []).append(row)

    def alive(self, pid: int) -> bool:
        row = self._rows.get(pid)
        return row is not None and row.state != "Z"

    def descendants(self, pid: int) -> list[ProcessRow]:
        """Children first, then theirs."""
        found: list[ProcessRow] = list(self._children.get(pid, ()))
        for row in found:
            found.extend(self._children.get(row.pid, ()))
        return found

    def family(self, pid: int) -> list[ProcessRow]:
        """The process, its descendants, and what is left of its session."""
        rows = {row.pid: row for row in self.descendants(pid)}
        if pid in self._rows:
            rows = {pid: self._rows[pid], **rows}
        for row in self._rows.values():
            if row.session == pid:
                rows.setdefault(row.pid, row)
        return [row for row in rows.values() if row.state != "Z" or row.pid == pid]

    def children(self, pid: int) -> list[ProcessRow]:
        return list(self._children.get(pid, ()))


def memory_of(pid: int) -> Memory | None:
    """Proportional set size: shared pages are divided among those who share them.

    `None` where it may not be read. What has ended uses nothing.
    """
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except PermissionError:
        return None
    except (FileNotFoundError, ProcessLookupError):
        return Memory(0, 0)
    values = dict(line.split(":", 1) for line in lines[1:])
    return Memory(_kilobytes(values, "Pss"), _kilobytes(values, "SwapPss"))


def memory_of_all(pids: Iterable[int]) -> Memory | None:
    """Their sum, `None` where one of them may not be read."""
    pss = swap = 0
    for pid in pids:
        memory = memory_of(pid)
        if memory is None:
            return None
        pss, swap = pss + memory.pss_bytes, swap + memory.swap_bytes
    return Memory(pss, swap)


def _kilobytes(values: dict[str, str], key: str) -> int:
    return int(values.get(key, "0 kB").split()[0]) * 1024


def context_switches(pid: int) -> tuple[int, int]:
    """Voluntary and involuntary, over all threads."""
    voluntary = involuntary = 0
    for thread in threads(pid):
        try:
            text = (_PROC / str(pid) / "task" / str(thread) / "status").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for line in text.splitlines()[-2:]:
            name, _, value = line.partition(":")
            if name == "voluntary_ctxt_switches":
                voluntary += int(value)
            elif name == "nonvoluntary_ctxt_switches":
                involuntary += int(value)
    return voluntary, involuntary


def leads_nowhere(pid: int, ports: Collection[int]) -> bool:
    """Whether a process holds a connection to one of these ports that the other side has closed."""
    try:
        found = psutil.Process(pid).net_connections("tcp4")
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_CLOSE_WAIT and c.raddr.port in ports for c in found)


def is_connected(pid: int, port: int) -> bool:
    """Whether a process holds a connection to this port."""
    try:
        found = psutil.Process(pid).net_connections("tcp4")
    except psutil.Error:
        return False
    return any(c.status == psutil.CONN_ESTABLISHED and c.raddr.port == port for c in found)


def threads(pid: int) -> list[int]:
    try:
        return [int(entry.name) for entry in (_PROC / str(pid) / "task").iterdir()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def set_affinity(pids: Iterable[int], cores: Collection[int]) -> None:
    """For every thread; repeated until no thread escapes by being started meanwhile."""
    done: set[int] = set()
    while True:
        todo = {thread for pid in pids for thread in threads(pid)} - done
        if not todo:
            return
        for thread in todo:
            with suppress(ProcessLookupError):  # it may have ended
                os.sched_setaffinity(thread, cores)
        done |= todo
