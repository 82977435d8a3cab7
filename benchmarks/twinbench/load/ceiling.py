"""What the generator can do at most here: `python -m twinbench.load.ceiling [--json]`.

A server with one answer to everything (the gateway of every arm) on one core; on another, in turn,
a closed loop (wrk if it is on the PATH, else our own) and open arrivals at rising shares of the
closed loop's rate, by one process and by more. On two cores the second shares the server's.
Both take their turns in the same minute, so read the shares; the rates are this machine's.

A share is held if the achieved rate is within 1 % of the offered one. On a machine that is not
ours alone rates say little, so beside them stand capacities, which are told in CPU time: of the
closed loop, requests per CPU second of whichever of server and client used more; of open arrivals,
requests per CPU second of a process, times processes. `per core` is the quotient for one process.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import orjson

from twinbench.embedded.binaries import caddy
from twinbench.load.generator import Generator
from twinbench.load.plan import Customer, LoadPlan, Shop
from twinbench.load.saturation import ClosedLoop

SHARES: Final = (0.25, 0.35, 0.45, 0.55, 0.65)
_CONNECTIONS: Final = 32
_SECONDS: Final = 3.0
_RATE_ERROR: Final = 0.01
_READY_S: Final = 15.0
_ASK_AGAIN_S: Final = 0.05
_CADDYFILE: Final = b"""{
    auto_https off
    persist_config off
    admin off
}
http://127.0.0.1:%d {
    header Content-Type application/json
    respond `{"ok":true}`
}
"""


@dataclass(frozen=True, slots=True)
class Closed:
    """Requests per second of a closed loop, and per CPU second of its bottleneck."""

    rate: float
    capacity: float


@dataclass(frozen=True, slots=True)
class Level:
    """Open arrivals at one share of the closed loop's rate. Rates per second, lag in ms."""

    processes: int
    share: float
    closed: Closed
    offered: float
    achieved: float
    lag_p99_ms: float
    cpu: float
    wait: float
    capacity: float

    @property
    def held(self) -> bool:
        return abs(self.achieved / self.offered - 1) <= _RATE_ERROR

    @property
    def per_core(self) -> float:
        """Capacity of one process, in times of the closed loop's."""
        return self.capacity / self.processes / self.closed.capacity


def measure(counts: Sequence[int], cores: Sequence[int]) -> Iterator[Level]:
    """Each share with each number of processes; the server has the first of the `cores`."""
    server_core, *rest = cores
    with trivial_server(server_core) as server, TemporaryDirectory(prefix="twinbench-") as folder:
        for count in counts:
            own = rest if count <= len(rest) else (*rest, server_core)
            with Generator(processes=count) as generator:
                for share in SHARES:
                    closed = closed_loop(server, rest[0])
                    plan = _plan(server.url, share * closed.rate, own, Path(folder) / "requests")
                    yield _level(generator, plan, count, share, closed)


@dataclass(frozen=True, slots=True)
class Server:
    """A running trivial server."""

    url: str
    pid: int

    def cpu_seconds(self) -> float:
        """Used so far, from the process's own clock (Linux: its id is made of the pid)."""
        return time.clock_gettime((~self.pid << 3) | 2)


@contextmanager
def trivial_server(core: int) -> Iterator[Server]:
    """Caddy on this core alone, with one answer to everything; it ends with the block."""
    with TemporaryDirectory(prefix="twinbench-") as folder, socket.socket() as holder:
        # Bound, not listening: nobody else is given the port, and a server that may reuse one is.
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        # In place of the shell: only so is it on its core, with its one thread, from the first.
        command = ["taskset", "--cpu-list", str(core), str(caddy()), "run", "--config", "-"]
        environment = {"GOMAXPROCS": "1", "PATH": os.environ["PATH"], "HOME": folder}
        with subprocess.Popen(
            [*command, "--adapter", "caddyfile"],
            env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL,
        ) as process:  # fmt: skip
            try:
                if process.stdin is not None:
                    process.stdin.write(_CADDYFILE % port)
                    process.stdin.close()
                _wait_for(port)
                yield Server(f"http://127.0.0.1:{port}", process.pid)
            finally:
                process.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + _READY_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_ASK_AGAIN_S)
        else:
            return


def closed_loop(server: Server, core: int) -> Closed:
    """A closed loop on this core. Raises SaturationError or OSError."""
    before = os.sched_getaffinity(0)
    served, used = server.cpu_seconds(), _own_cpu_seconds()
    os.sched_setaffinity(0, {core})
    try:
        requests, seconds = (_wrk if shutil.which("wrk") else _own_loop)(server.url)
    finally:
        os.sched_setaffinity(0, before)
    busiest = max(server.cpu_seconds() - served, _own_cpu_seconds() - used)
    return Closed(rate=requests / seconds, capacity=requests / busiest)


def _wrk(url: str) -> tuple[int, float]:
    command = ["wrk", "-t1", f"-c{_CONNECTIONS}", f"-d{_SECONDS:.0f}", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    if found is None:
        raise OSError(f"wrk said {done.stdout!r}")
    return int(found[1]), float(found[2])


def _own_loop(url: str) -> tuple[int, float]:
    with ClosedLoop(url, ["/"], connections=_CONNECTIONS) as loop:
        return loop.measure(_SECONDS)


def _own_cpu_seconds() -> float:
    """Of this process and of those it has waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _plan(url: str, rate: float, cores: Sequence[int], requests: Path) -> LoadPlan:
    return LoadPlan(
        trial=1,
        rate=rate,
        warmup_s=0.5,
        measure_s=_SECONDS,
        tail_s=0.0,
        drain_s=5.0,
        seed=1,
        mix={"probe": 1.0},
        zipf=1.0,
        think_s=0.0,
        cores=tuple(cores),
        requests_path=str(requests),
        shop=Shop(url, (Customer("", "", ""),), "", (), (), (1,)),
    )


def _level(generator: Generator, plan: LoadPlan, count: int, share: float, closed: Closed) -> Level:
    report = generator.play(plan)
    cpu = sum(process.cpu for process in report.processes)
    return Level(
        processes=count,
        share=share,
        closed=closed,
        offered=report.arrivals / plan.measure_s,
        achieved=report.achieved_rate,
        lag_p99_ms=report.lag_p99_ms,
        cpu=report.cpu,
        wait=report.wait,
        capacity=count * report.transactions / plan.measure_s / cpu,
    )


def main() -> None:
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:  # noqa: PLR2004 - server and generator
        sys.exit("twinbench: the ceiling needs two cores, for server and generator")
    counts = range(1, max(2, len(cores) - 1) + 1)
    tool = "wrk" if shutil.which("wrk") else "our own closed loop, for want of wrk"
    levels = measure(counts, cores)
    if "--json" in sys.argv:
        shown = [asdict(one) | {"held": one.held, "per_core": one.per_core} for one in levels]
        print(orjson.dumps({"closed_loop": tool, "levels": shown}).decode())
        return
    print(f"closed loop: {tool}; {len(cores)} cores, one for the server")
    print("processes  share  offered/s  achieved/s    lag p99   CPU   wait  capacity  per core")
    for one in levels:
        print(
            f"{one.processes:9}  {one.share:5.0%}  {one.offered:9.0f}  {one.achieved:10.0f}"
            f"  {one.lag_p99_ms:6.1f} ms  {one.cpu:4.0%}  {one.wait:5.1%}  {one.capacity:8.0f}"
            f"  {one.per_core:8.2f}{'' if one.held else '   not held'}",
            flush=True,
        )


if __name__ == "__main__":
    main()
