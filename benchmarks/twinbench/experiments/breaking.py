"""Arms that can be broken: with switchboards, and with the proxy in the way to what may fail."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from twinbench.engines.protocol import Engine
from twinbench.experiments.faults import SETTING, Fault, Place, host_of, place_of
from twinbench.experiments.striking import Breaker, way_to
from twinbench.experiments.switchboards import ON, switch
from twinbench.experiments.watcher import Watcher
from twinbench.faults.process import Proxy
from twinbench.topology import Topology
from twinbench.topology import load as load_topology

Changes = dict[str, dict[str, str]]
"""Of a component's environment, by its name."""


def why_not(engine_name: str, topology: Topology, arm: str, fault: Fault) -> str | None:
    """Why this arm cannot have the fault on this engine; None if it can."""
    if fault.means in {"none", "load"}:
        return None
    if place_of(topology, arm, fault) is None:
        return f"{arm} has no {fault.role}"
    if fault.means == "proxy" and engine_name == "compose":
        return "containers have no way to a proxy on this machine: use --engine process"
    return None


@contextmanager
def breakable(
    engine: Engine, arms: Sequence[str], faults: Sequence[Fault], watcher: Watcher, *, back: bool
) -> Iterator[Breaker]:
    """The arms, made so that these faults can strike them; the arms are up, and not frozen.

    Components are started anew with switchboards, and led through the proxy to what may fail. What
    no fault concerns is left as it is. A fault that an arm cannot have (`why_not`) is left out.
    With `back` all is as it was, on leaving. Raises EngineError.
    """
    topology = load_topology()
    pairs = [
        (arm, fault)
        for arm in arms
        for fault in faults
        if why_not(engine.name, topology, arm, fault) is None
    ]
    ways = {
        way_to(arm, place): place
        for arm, fault in pairs
        if fault.means == "proxy" and (place := place_of(topology, arm, fault))
    }
    with _proxy({way: engine.address(place.component) for way, place in ways.items()}) as proxy:
        changes = _switchboards(topology, pairs)
        if proxy is not None:
            for way, place in ways.items():
                _lead(changes, place, proxy.address(way))
        try:
            for component, environment in changes.items():
                watcher.phase(f"starting {component} anew, so that it can fail")
                engine.replace(component, environment=environment)
            for component, environment in changes.items():
                if SETTING in environment:
                    switch(engine, component, [])
            yield Breaker(engine, topology, proxy)
        finally:
            if back:
                _put_back(engine, topology, changes, watcher)


def _switchboards(topology: Topology, pairs: Sequence[tuple[str, Fault]]) -> Changes:
    hosts = [host_of(topology, arm, f.capability) for arm, f in pairs if f.means == "switchboard"]
    return {host.name: {SETTING: ON} for host in hosts}


def _lead(changes: Changes, place: Place, address: str) -> None:
    """All that goes to the place goes to this address."""
    for component, leading in place.leading.items():
        led = {name: _redirected(value, address) for name, value in leading.items()}
        changes.setdefault(component, {}).update(led)


@contextmanager
def _proxy(upstreams: Mapping[str, str]) -> Iterator[Proxy | None]:
    if not upstreams:
        yield None
        return
    with Proxy(upstreams) as proxy:
        yield proxy


def _redirected(value: str, address: str) -> str:
    """A URL with another host and port: `scheme://user@HOST:PORT/path`."""
    scheme, _, rest = value.partition("://")
    authority, slash, path = rest.partition("/")
    user, at, _ = authority.rpartition("@")
    return f"{scheme}://{user}{at}{address}{slash}{path}"


def _put_back(
    engine: Engine,
    topology: Topology,
    changes: Mapping[str, Mapping[str, str]],
    watcher: Watcher,
) -> None:
    for component, environment in changes.items():
        watcher.phase(f"starting {component} anew, as it was")
        before = topology.components[component]
        engine.thaw(before.arm)
        engine.replace(component, environment={n: before.environment[n] for n in environment})
