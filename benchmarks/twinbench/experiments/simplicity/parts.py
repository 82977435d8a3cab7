"""The parts of an arm, and what it takes to run it by hand, as the topology has it."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from twinbench.experiments.simplicity.counting import Rules, projects_of
from twinbench.topology import Component, Kind, Topology

Figures = Iterable[tuple[str, str, float]]
"""Figure, part of the arm, value."""

_SERVERS: Final = frozenset({Kind.DATABASE, Kind.CACHE, Kind.GATEWAY})
_OWNERS: Final = "OWNER_ROLE"


def parts_of(topology: Topology, arm: str) -> Figures:
    """What runs and what it must be told, jobs aside."""
    running = [c for c in topology.of_arm(arm) if c.kind is not Kind.JOB]
    for kind in (Kind.APP, Kind.DATABASE, Kind.CACHE, Kind.GATEWAY):
        yield "components", str(kind), sum(c.kind is kind for c in running)
    yield "ports", "", sum(c.listen is not None or c.kind in _SERVERS for c in running)
    yield "settings", "", sum(len(c.environment) for c in running)
    yield "secrets", "", len({secret for c in running for secret in c.secrets})
    yield "volumes", "", len({m.source for c in running for m in c.mounts if m.is_volume})
    yield "connections", "", len(set(connections(topology, arm)))


def connections(topology: Topology, arm: str) -> Iterator[tuple[str, str]]:
    """Who is told the address of whom: each must be there for the other, and be found."""
    names = "|".join(sorted(map(re.escape, topology.components), key=len, reverse=True))
    address = re.compile(rf"(?<![\w.-])({names}):\d+(?!\d)")
    for component in topology.of_arm(arm):
        if component.kind is not Kind.JOB:
            for value in component.environment.values():
                yield from ((component.name, name) for name in address.findall(value))


def steps_of(topology: Topology, arm: str, rules: Rules) -> Figures:
    """What somebody does who has the code and the servers' programs, but no tool of ours: each a
    command of its own."""
    components = topology.of_arm(arm)
    running = [c for c in components if c.kind is not Kind.JOB]
    projects = projects_of(topology, arm, rules)
    yield "steps", "make an environment", len(projects)
    yield "steps", "make a secret", len({s for c in running for s in c.secrets})
    yield "steps", "make a role and its database", sum(len(_owners(c)) for c in running)
    yield "steps", "migrate", sum(c.kind is Kind.JOB and c.project in projects for c in components)
    yield "steps", "start a server", len(running)


def _owners(component: Component) -> list[str]:
    return component.environment.get(_OWNERS, "").split()
