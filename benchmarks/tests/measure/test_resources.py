import os
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from twinbench.measure.host import CoreTimes, describe_host
from twinbench.measure.resources import Sampler


def test_readings_come_on_the_second_and_memory_at_the_end() -> None:
    begin = time.monotonic() + 0.05
    taken: list[tuple[float, bool]] = []

    def read(memory: bool) -> list[int]:
        taken.append((time.monotonic(), memory))
        return [len(taken)]

    samples = Sampler(read, begin=begin, end=begin + 1.5).result()
    assert [sample.due - begin for sample in samples] == pytest.approx([0, 1, 1.5])
    assert [memory for _, memory in taken] == [False, False, True]
    assert [list(sample.readings) for sample in samples] == [[1], [2], [3]]
    assert all(at >= sample.due for (at, _), sample in zip(taken, samples, strict=True))


def test_a_failed_reading_is_not_lost() -> None:
    def read(_memory: bool) -> list[int]:
        raise ProcessLookupError

    with pytest.raises(ProcessLookupError):
        Sampler(read, begin=time.monotonic(), end=time.monotonic() + 1).result()


def test_cancelling_ends_at_once() -> None:
    sampler = Sampler(lambda _: [1], begin=time.monotonic() + 60, end=time.monotonic() + 61)
    sampler.cancel()
    assert sampler.result() == []


def test_the_host_is_described_from_what_the_kernel_says(tmp_path: Path) -> None:
    (tmp_path / "cpuinfo").write_text("model name\t: Quick 9000\nflags\t\t: fpu hypervisor\n")
    (tmp_path / "meminfo").write_text("MemTotal:  2048 kB\nSwapTotal:  0 kB\n")
    host = describe_host(proc=tmp_path, sys=tmp_path)
    assert (host.cpu_model, host.virtual, host.memory_bytes) == ("Quick 9000", True, 2048 * 1024)
    assert host.governor == "unknown"
    assert host.cores == tuple(sorted(os.sched_getaffinity(0)))
    assert set(asdict(host)) >= {"kernel", "machine", "swap_bytes", "load_average"}


def test_steal_is_a_share_of_the_cores_in_use(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu 0\ncpu0 100 0 0 100 0 0 0 0 0 0\ncpu1 9 9 9 9 9 9 9 9 9 9\n")
    before = CoreTimes.now([0], tmp_path)
    stat.write_text("cpu 0\ncpu0 150 0 0 140 0 0 0 10 50 0\ncpu1 9 9 9 9 9 9 9 9 9 9\n")
    assert before.steal_until(CoreTimes.now([0], tmp_path)) == pytest.approx(0.1)
    assert before.steal_until(before) == 0


def test_what_others_used_is_what_the_cores_did_beyond_our_own(tmp_path: Path) -> None:
    stat = tmp_path / "stat"
    stat.write_text("cpu0 100 0 0 100 5 0 0 0 0 0\n")
    before = CoreTimes.now([0], tmp_path)
    stat.write_text("cpu0 130 0 10 150 15 0 0 0 0 0\n")
    after = CoreTimes.now([0], tmp_path)
    ticks = os.sysconf("SC_CLK_TCK")
    assert before.foreign_until(after, 30 / ticks) == pytest.approx(0.1)
    assert before.foreign_until(after, 50 / ticks) == 0
