"""Running a floor: its bare app and a gateway like the arm's, on the arm's cores."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from twinbench.embedded.binaries import caddy
from twinbench.engines.kinship import die_with_parent
from twinbench.engines.ports import Ports
from twinbench.engines.procfs import ProcessTable
from twinbench.engines.protocol import EngineError
from twinbench.experiments.bench import Bench
from twinbench.paths import CHECKOUT
from twinbench.topology import Component, Topology

_READY_S = 15.0
_GRACE_S = 5.0
_ASK_AGAIN_S = 0.05


@dataclass(frozen=True, slots=True)
class Floor:
    """Which floor an arm is held against: the component it stands for, and that one's data."""

    arm: str
    folder: str
    interface: str
    component: str
    database: str


FLOORS: Final = (
    Floor("monolith", "drf", "wsgi", "monolith-web", "monolith-db"),
    Floor("microservices", "fastapi", "asgi", "catalog", "catalog-db"),
)


@dataclass(frozen=True, slots=True)
class FloorServer:
    """A running floor, reached through its own gateway."""

    base_url: str
    processes: tuple["subprocess.Popen[bytes]", ...]

    def cpu_seconds(self) -> float:
        """Used so far by app and gateway, with all their descendants."""
        table = ProcessTable()
        pids = {row.pid for process in self.processes for row in table.family(process.pid)}
        return sum(_cpu_seconds(pid) for pid in pids)


@dataclass(frozen=True, slots=True)
class _Program:
    argv: tuple[str, ...]
    folder: Path
    environment: Mapping[str, str]
    port: int


@contextmanager
def running_floor(bench: Bench, topology: Topology, floor: Floor) -> Iterator[FloorServer]:
    """The floor, ready; it ends with the block, or with this process.

    Server, worker, thread and pool settings are the component's own, from the topology.
    Raises EngineError with the end of its log when it does not become ready.
    """
    ports = Ports()
    component, gateway = topology.components[floor.component], topology.gateway_of(floor.arm)
    url = bench.engine.database_url(floor.database)
    with ExitStack() as stack:
        state = Path(stack.enter_context(TemporaryDirectory(prefix="twinbench-floor-")))
        app = _app(floor, component, url, ports.free())
        front = _gateway(gateway, topology.folder, state, (ports.free(), app.port))
        processes = []
        for program in (app, front):
            log = state / f"{program.port}.log"
            process = _start(program, log, bench.division.arm)
            stack.callback(_stop, process)
            _wait_ready(process, program.port, log)
            processes.append(process)
        yield FloorServer(f"http://127.0.0.1:{front.port}", tuple(processes))


def _app(floor: Floor, component: Component, database_url: str, port: int) -> _Program:
    settings = {
        name: value
        for name, value in component.environment.items()
        if name.startswith("GRANIAN_") or name == "DATABASE_POOL_SIZE"
    }
    own = {
        "DATABASE_URL": database_url,
        "GRANIAN_HOST": "127.0.0.1",
        "GRANIAN_PORT": str(port),
        "PATH": os.environ["PATH"],
    }
    granian = CHECKOUT / (component.project or "") / ".venv" / "bin" / "granian"
    argv = (str(granian), "--interface", floor.interface, "floor:app")
    return _Program(argv, CHECKOUT / "benchmarks/floors" / floor.folder, settings | own, port)


def _gateway(component: Component, checkout: Path, state: Path, ports: tuple[int, int]) -> _Program:
    """The arm's own gateway configuration, with the floor as every upstream."""
    port, upstream = ports
    upstreams = [name for name in component.environment if name.endswith("_UPSTREAMS")]
    environment = dict.fromkeys(upstreams, f"127.0.0.1:{upstream}") | {
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "CADDY_ADMIN_SOCKET": str(state / "caddy.sock"),
        "XDG_CONFIG_HOME": str(state),
        "XDG_DATA_HOME": str(state),
    }
    argv = [str(caddy()), *component.command[1:]]
    for mount in component.mounts:
        argv = [word.replace(mount.target, str(checkout / mount.source)) for word in argv]
    return _Program(tuple(argv), checkout, environment, port)


def _start(program: _Program, log: Path, cores: tuple[int, ...]) -> "subprocess.Popen[bytes]":
    def prepare() -> None:
        os.sched_setaffinity(0, cores)
        die_with_parent(signal.SIGTERM)

    with log.open("wb") as output:
        return subprocess.Popen(
            program.argv,
            cwd=program.folder,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - safe: no thread of ours runs while floors start
        )


def _wait_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    """Any answer will do: a floor serves nothing but its two pages."""
    deadline = time.monotonic() + _READY_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=1).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(_ASK_AGAIN_S)
        else:
            return
    tail = " | ".join(log.read_text("utf-8", "replace").strip().splitlines()[-3:])
    raise EngineError(f"the floor on port {port} did not become ready: {tail}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _cpu_seconds(pid: int) -> float:
    """To the nanosecond, from the process's own clock (Linux: its id is made of the pid)."""
    try:
        return time.clock_gettime((~pid << 3) | 2)
    except OSError:
        return 0.0
