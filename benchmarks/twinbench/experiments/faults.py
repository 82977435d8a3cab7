"""The faults of the resilience experiment as data, and what each comes to in each arm.

A fault is named by what it does and whom it concerns, a capability or a part that serves one, so
that one name means the like in arms that are built of other parts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from twinbench.topology import Component, Kind, Topology

Means = Literal["none", "load", "switchboard", "proxy", "signal"]
Role = Literal["app", "database", "broker", "gateway", "acquirer", "worker", "beat"]

SETTING: Final = "FAULTS"
"""The variable of components that can have a switchboard."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is what the means makes of it; `role` which part, of `capability` where it serves one.

    `amount`: seconds of a delay, megabytes a second of a leak, times the capacity of an overload.
    """

    name: str
    means: Means
    kind: str = ""
    role: Role = "app"
    capability: str = ""
    amount: float = 0.0
    share: float = 1.0


BASELINE: Final = Fault("baseline", "none")
PEAK: Final = Fault("peak", "load", amount=1.0)
OVERLOAD: Final = Fault("overload", "load", amount=3.0)

_HOT: Final = "recommendations"
_CAPABILITIES: Final = (
    "accounts", "cart", "catalog", "inventory", "notifications", "orders", "payments", _HOT,
)  # fmt: skip


def _switched(capability: str) -> Iterator[Fault]:
    amounts = {"delay": 0.5, "memory": 30.0}
    shares = {"error": 0.5}
    for kind in ("error", "delay", "hang", "crash", "cpu", "memory"):
        yield Fault(
            f"{kind}: {capability}",
            "switchboard",
            kind,
            capability=capability,
            amount=amounts.get(kind, 0.0),
            share=shares.get(kind, 1.0),
        )


def _signalled() -> Iterator[Fault]:
    for number in ("SIGKILL", "SIGSTOP"):
        for capability in _CAPABILITIES:
            yield Fault(f"{number}: {capability}", "signal", number, capability=capability)
        yield Fault(f"{number}: database", "signal", number, "database", "catalog")
        yield Fault(f"{number}: broker", "signal", number, "broker")
        yield Fault(f"{number}: gateway", "signal", number, "gateway")
    yield Fault("SIGKILL: worker", "signal", "SIGKILL", "worker")
    yield Fault("SIGKILL: beat", "signal", "SIGKILL", "beat")
    for capability in _CAPABILITIES:
        if capability != "catalog":
            name = f"SIGKILL: database of {capability}"
            yield Fault(name, "signal", "SIGKILL", "database", capability)


def _on_the_way() -> Iterator[Fault]:
    for kind, amount in (("down", 0.0), ("slow", 0.3), ("cut", 0.0)):
        yield Fault(f"{kind}: database", "proxy", kind, "database", "catalog", amount)
        yield Fault(f"{kind}: broker", "proxy", kind, "broker", amount=amount)
        yield Fault(f"{kind}: acquirer", "proxy", kind, "acquirer", amount=amount)


FAULTS: Final[Mapping[str, Fault]] = {
    fault.name: fault
    for fault in (
        *(fault for capability in _CAPABILITIES for fault in _switched(capability)),
        *_on_the_way(),
        *_signalled(),
        PEAK,
        OVERLOAD,
    )
}
"""Every one that there is, by name."""


@dataclass(frozen=True, slots=True)
class Place:
    """The component that a fault strikes, and the variables of others that lead to it."""

    component: str
    leading: Mapping[str, Mapping[str, str]]


def place_of(topology: Topology, arm: str, fault: Fault) -> Place | None:
    """Where the fault strikes in this arm; None if the arm has no such part."""
    component = _component(topology, arm, fault)
    if component is None:
        return None
    mark = f"{component.name}:"
    leading = {
        app.name: {n: v for n, v in app.environment.items() if _leads_to(v, mark)}
        for app in topology.of_arm(arm)
        if app.kind is Kind.APP
    }
    return Place(component.name, {name: found for name, found in leading.items() if found})


def _leads_to(value: str, mark: str) -> bool:
    return value.partition("//")[2].rpartition("@")[2].startswith(mark)


def _component(topology: Topology, arm: str, fault: Fault) -> Component | None:
    match fault.role:
        case "app":
            return host_of(topology, arm, fault.capability)
        case "acquirer":
            return topology.components["acquirer"]
        case "gateway":
            return topology.gateway_of(arm)
        case "worker" | "beat":
            return topology.components.get(f"{arm}-{fault.role}")
        case "broker":
            caches = [one for one in topology.of_arm(arm) if one.kind is Kind.CACHE]
            return caches[0] if caches else None
        case "database":
            host = host_of(topology, arm, fault.capability)
            bases = [one for one in topology.of_arm(arm) if one.kind is Kind.DATABASE]
            values = host.environment.values()
            return next((b for b in bases if any(_leads_to(v, f"{b.name}:") for v in values)), None)


def host_of(topology: Topology, arm: str, capability: str) -> Component:
    """The capability's own service, or the application that it is a part of."""
    apps = [one for one in topology.of_arm(arm) if one.kind is Kind.APP]
    own = [one for one in apps if one.name == capability]
    return own[0] if own else next(one for one in apps if one.listen is not None)
