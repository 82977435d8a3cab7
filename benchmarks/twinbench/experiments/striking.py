"""Striking an arm that can be struck: by switchboard, by the proxy in the way, by signal."""

import signal as signals
import threading
import time
from dataclasses import dataclass, field

from twinbench.engines.protocol import Engine, EngineError
from twinbench.experiments.faults import Fault, Place, place_of
from twinbench.experiments.switchboards import bites, switch
from twinbench.faults.process import Proxy
from twinbench.faults.proxy import Mode
from twinbench.topology import Topology

_READY_S = 20.0
# By when a switchboard that has just suffered must tell again.
_TELLS_S = 10.0
_POLL_S = 0.1
_STILL_CPU_S = 0.011


@dataclass(frozen=True, slots=True)
class Struck:
    """What came of a fault. Instants of time.monotonic; `ready` None if not all got ready again.

    `bites` counts what it hit, by its own measure: requests, connections, milliseconds, megabytes,
    processes. None at all means that it did not happen.
    """

    begins: float
    ends: float
    bites: int
    ready: float | None


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when (time.monotonic) a fault is to hold."""

    begins: float
    ends: float


@dataclass(slots=True)
class Breaker:
    """Strikes arms that `breakable` has prepared. One fault at a time."""

    engine: Engine
    topology: Topology
    proxy: Proxy | None
    _over: threading.Event = field(default_factory=threading.Event)

    def give_up(self) -> None:
        """Whatever is under way ends as soon as it can."""
        self._over.set()

    def strike(self, arm: str, fault: Fault, window: Window) -> Struck:
        """Returns when it is over and all is ready again, or will not be."""
        place = place_of(self.topology, arm, fault)
        if place is None:
            raise EngineError(f"{arm} has nothing that {fault.name!r} could strike")
        match fault.means:
            case "switchboard":
                return self._switched(arm, fault, place, window)
            case "proxy":
                return self._in_the_way(arm, fault, place, window)
            case "signal":
                return self._signalled(arm, fault, place, window)
        return Struck(window.begins, window.ends, 1, window.ends)

    def _switched(self, arm: str, fault: Fault, place: Place, window: Window) -> Struck:
        """Told beforehand: while it holds, nothing has to get through."""
        name, what = place.component, f"{fault.capability} {fault.kind}"
        before = bites(self.engine, name, what)
        epoch = time.time() - time.monotonic()
        wanted = {
            "capability": fault.capability,
            "kind": fault.kind,
            "begins": window.begins + epoch,
            "ends": window.ends + epoch,
            "share": fault.share,
            "amount": fault.amount,
        }
        switch(self.engine, name, [wanted])
        self._wait_until(window.ends)
        ready = self._ready(arm, window.ends)
        return Struck(window.begins, window.ends, self._told(name, what) - before, ready)

    def _told(self, component: str, what: str) -> int:
        """A process that has just suffered may need a moment until it answers."""
        deadline = time.monotonic() + _TELLS_S
        while True:
            try:
                return bites(self.engine, component, what)
            except EngineError:
                if time.monotonic() > deadline:
                    raise
            self._over.wait(_POLL_S)

    def _in_the_way(self, arm: str, fault: Fault, place: Place, window: Window) -> Struck:
        if self.proxy is None:
            raise EngineError(f"there is no proxy in the way to {place.component}")
        way = way_to(arm, place)
        before = self.proxy.bites(way)
        self._wait_until(window.begins)
        self.proxy.set(way, Mode(fault.kind), fault.amount)
        try:
            self._wait_until(window.ends)
        finally:
            after = self.proxy.set(way, Mode.PASSING)
        ends = time.monotonic()
        return Struck(window.begins, ends, after - before, self._ready(arm, ends))

    def _signalled(self, arm: str, fault: Fault, place: Place, window: Window) -> Struck:
        name, number = place.component, signals.Signals[fault.kind]
        self._wait_until(window.begins)
        restarts, _ = self._lives(name, arm)
        begins = time.monotonic()
        self.engine.kill(name, number)
        if number is not signals.SIGSTOP:
            ready = self._ready(arm, begins)
            return Struck(begins, begins, self._lives(name, arm)[0] - restarts, ready)
        try:
            _, used = self._lives(name, arm)
            self._wait_until(window.ends)
            stood = self._lives(name, arm)[1] - used < _STILL_CPU_S
        finally:
            self.engine.kill(name, signals.SIGCONT)
        ends = time.monotonic()
        return Struck(begins, ends, int(stood), self._ready(arm, ends))

    def _lives(self, component: str, arm: str) -> tuple[int, float]:
        """How often it was started again, and the CPU seconds that it has used."""
        stats = self.engine.stats(arm, memory=False)
        return next((one.restarts, one.cpu_seconds) for one in stats if one.name == component)

    def _ready(self, arm: str, since: float) -> float | None:
        try:
            self.engine.wait_ready(arm, timeout=_READY_S)
        except EngineError:
            return None
        return max(since, time.monotonic())

    def _wait_until(self, instant: float) -> None:
        if self._over.wait(max(0.0, instant - time.monotonic())):
            raise EngineError("the trial was given up")


def way_to(arm: str, place: Place) -> str:
    """The name of the arm's own way through the proxy."""
    return f"{arm} to {place.component}"
