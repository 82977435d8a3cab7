"""The machine a run took place on, and what the hypervisor took from it."""

import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_STEAL_FIELD = 7  # of a cpu line of /proc/stat, after user nice system idle iowait irq softirq
_IDLE_FIELDS = (3, 4)
_COUNTED_FIELDS = 8  # guest time, which follows, is part of user time


@dataclass(frozen=True, slots=True)
class Host:
    """What a reader must know about the machine to judge a figure measured on it."""

    cpu_model: str
    cores: tuple[int, ...]
    governor: str
    virtual: bool
    memory_bytes: int
    swap_bytes: int
    kernel: str
    machine: str
    load_average: float


def describe_host(proc: Path = _PROC, sys: Path = Path("/sys")) -> Host:
    """Reads procfs and sysfs, `unknown` where they do not say."""
    cpu = _fields((proc / "cpuinfo").read_text("utf-8"))
    memory = _fields((proc / "meminfo").read_text("utf-8"))
    governor = sys / "devices/system/cpu/cpu0/cpufreq/scaling_governor"
    return Host(
        cpu_model=cpu.get("model name", "unknown"),
        cores=tuple(sorted(os.sched_getaffinity(0))),
        governor=governor.read_text("ascii").strip() if governor.exists() else "unknown",
        virtual="hypervisor" in cpu.get("flags", "").split(),
        memory_bytes=_kibibytes(memory["MemTotal"]),
        swap_bytes=_kibibytes(memory["SwapTotal"]),
        kernel=platform.release(),
        machine=platform.machine(),
        load_average=os.getloadavg()[0],
    )


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """Clock ticks that some cores have spent in all, at work, and those stolen from them."""

    total: int
    busy: int
    stolen: int

    @classmethod
    def now(cls, cores: Iterable[int], proc: Path = _PROC) -> Self:
        wanted = {f"cpu{core}" for core in cores}
        total = busy = stolen = 0
        for line in (proc / "stat").read_text("ascii").splitlines():
            name, *fields = line.split()
            if name in wanted:
                ticks = [int(field) for field in fields[:_COUNTED_FIELDS]]
                total += sum(ticks)
                stolen += ticks[_STEAL_FIELD]
                busy += sum(ticks) - ticks[_STEAL_FIELD] - sum(ticks[i] for i in _IDLE_FIELDS)
        return cls(total, busy, stolen)

    def steal_until(self, later: "CoreTimes") -> float:
        """Share of the time between two readings that the hypervisor gave to others, 0..1."""
        elapsed = later.total - self.total
        return (later.stolen - self.stolen) / elapsed if elapsed else 0.0

    def foreign_until(self, later: "CoreTimes", own_seconds: float) -> float:
        """Share of the time between two readings that others than `own_seconds` worked here."""
        elapsed = later.total - self.total
        others = later.busy - self.busy - own_seconds * _TICKS_PER_SECOND
        return max(0.0, others / elapsed) if elapsed else 0.0


def _fields(text: str) -> dict[str, str]:
    """The first value of each `name: value` line."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        found.setdefault(name.strip(), value.strip())
    return found


def _kibibytes(value: str) -> int:
    return int(value.split(maxsplit=1)[0]) * 1024
