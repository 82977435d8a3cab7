"""Coupling of parts, from edges of whatever kind: who would have to know if whom changed.

Source: R. Martin, "OO Design Quality Metrics" (1994). Parts here are capabilities, not classes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

LATER: Final = frozenset({"event"})
"""Kinds of edges over which nobody waits."""


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` depends on `target`, in the way that `kind` and `detail` say."""

    source: str
    target: str
    kind: str
    detail: str = ""
    declared: bool = True


@dataclass(frozen=True, slots=True)
class Coupling:
    """Of one part: how many others depend on it (afferent), on how many others it does (efferent),
    and how many single edges there are of either.

    `instability` is efferent / (afferent + efferent): 0, nothing that it needs can make it change;
    1, nobody is in its way. None for a part without neighbours.
    """

    part: str
    afferent: int
    efferent: int
    edges: int
    instability: float | None


def couplings(parts: Sequence[str], edges: Iterable[Edge]) -> tuple[Coupling, ...]:
    """Of each part, in their order; edges to itself, or to what is no part, do not count."""
    known = [one for one in edges if {one.source, one.target} <= set(parts)]
    between = [one for one in known if one.source != one.target]
    return tuple(_coupling(part, between) for part in parts)


def cycles(edges: Iterable[Edge]) -> tuple[tuple[str, ...], ...]:
    """Groups of parts of which each depends on each other, in however many steps: the strongly
    connected components of more than one part. Groups and parts are in alphabetical order."""
    reached = _reached(edges)
    groups = {
        tuple(sorted({part, *(other for other in found if part in reached.get(other, ()))}))
        for part, found in reached.items()
        if part in found
    }
    return tuple(sorted(group for group in groups if len(group) > 1))


def waiting(edges: Iterable[Edge]) -> Iterator[Edge]:
    """Those over which somebody waits, or that hold at the same moment."""
    return (one for one in edges if one.kind not in LATER)


def counts(edges: Iterable[Edge]) -> dict[str, int]:
    """Edges by kind, the most frequent first."""
    found: dict[str, int] = {}
    for one in edges:
        found[one.kind] = found.get(one.kind, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def breaches(edges: Iterable[Edge]) -> tuple[Edge, ...]:
    """Those that the architecture does not declare."""
    return tuple(one for one in edges if not one.declared)


def _coupling(part: str, between: Iterable[Edge]) -> Coupling:
    own = [one for one in between if part in {one.source, one.target}]
    afferent = len({one.source for one in own if one.target == part})
    efferent = len({one.target for one in own if one.source == part})
    return Coupling(
        part=part,
        afferent=afferent,
        efferent=efferent,
        edges=len(own),
        instability=efferent / (afferent + efferent) if own else None,
    )


def _reached(edges: Iterable[Edge]) -> Mapping[str, set[str]]:
    """From each part, all that it depends on in however many steps (S. Warshall, 1962)."""
    reached: dict[str, set[str]] = {}
    for one in edges:
        reached.setdefault(one.source, set()).add(one.target)
    for middle in list(reached):
        for found in reached.values():
            if middle in found:
                found.update(reached[middle])
    return reached
