"""What an arm runs with in one case of `scaling`, put in force and taken back again."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Final

from twinbench.engines.protocol import UnsupportedByEngineError
from twinbench.engines.scalable import why_single
from twinbench.experiments.bench import Bench
from twinbench.experiments.budgets import Budget, limit_of
from twinbench.topology import Topology

HOT: Final = {
    "monolith": "monolith-web",
    "microservices": "recommendations",
    "modulith": "modulith-web",
    "groups": "groups-storefront",
}
"""Of each arm, the component to scale where recommendations are what is asked for."""

GATEWAYS: Final = "gateways"
_WORK: Final = "RECOMMENDATION_CANDIDATES"


@dataclass(frozen=True, slots=True)
class Setting:
    """One level of one factor; what it does not name is as in the topology.

    `share` is of the CPUs that an arm has here. `replicas` and `environment` are by component.
    """

    factor: str
    level: float
    share: float | None = None
    replicas: Mapping[str, int] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    configured: str | None = None


def cpus(_topology: Topology, _arm: str, level: float) -> Setting:
    """The arm's budget as a share of its cores: a pool for all components together."""
    return Setting("cpus", level, share=level)


def serving(topology: Topology, arm: str) -> tuple[str, ...]:
    """The components that serve requests, of which there may be several replicas."""
    return tuple(c.name for c in topology.of_arm(arm) if why_single(c) is None)


def replicas(topology: Topology, arm: str, level: float) -> Setting:
    """So many of everything that serves requests: scaling the whole arm."""
    own = dict.fromkeys(serving(topology, arm), int(level))
    return Setting("replicas", level, replicas=own)


def hot(_topology: Topology, arm: str, level: float) -> Setting:
    """So many of the component that recommendations are asked of, one of all others."""
    return Setting("hot", level, replicas={HOT[arm]: int(level)})


def gateways(topology: Topology, arm: str, level: float) -> Setting:
    """So many of the gateway, one of everything behind it."""
    return Setting(GATEWAYS, level, replicas={topology.gateway_of(arm).name: int(level)})


def work(_topology: Topology, arm: str, level: float) -> Setting:
    """How many candidates a recommendation scores."""
    changed = {_WORK: f"{level:g}"}
    return Setting("work", level, environment=changed, configured=HOT[arm])


FACTORS: Final = {
    "cpus": cpus, "replicas": replicas, "hot": hot, GATEWAYS: gateways, "work": work,
}  # fmt: skip


def refused(bench: Bench, topology: Topology, factors: Iterable[str]) -> dict[str, str]:
    """Factors that this engine cannot vary, and why: found out by trying."""
    reasons: dict[str, str] = {}
    for arm in bench.arms if GATEWAYS in factors else ():
        gateway = topology.gateway_of(arm).name
        bench.only(arm)
        try:
            bench.engine.scale(gateway, 2)
        except UnsupportedByEngineError as error:
            reasons[GATEWAYS] = str(error)
        else:
            bench.engine.scale(gateway, 1)
    return reasons


@contextmanager
def in_force(bench: Bench, topology: Topology, arm: str, setting: Setting) -> Iterator[None]:
    """The arm runs with the setting, and with the topology's own afterwards."""
    bench.only(arm)
    engine = bench.engine
    with ExitStack() as back:
        if setting.share is not None:
            cores = bench.division.arm
            bench.limit(arm, limit_of(Budget(cpus=setting.share * len(cores)), cores))
            back.callback(bench.limit, arm, limit_of(Budget(), cores))
        if setting.configured is not None:
            usual = topology.components[setting.configured].environment
            before = {name: usual[name] for name in setting.environment}
            engine.replace(setting.configured, environment=setting.environment)
            back.callback(engine.replace, setting.configured, environment=before)
        for component, count in setting.replicas.items():
            back.callback(engine.scale, component, 1)
            engine.scale(component, count)
        engine.wait_ready(arm)
        yield
