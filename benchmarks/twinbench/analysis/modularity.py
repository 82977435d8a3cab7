"""How the builds' capabilities hang together, and how far change requests reach in each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twinbench.analysis.coupling import (
    Coupling,
    Edge,
    breaches,
    counts,
    couplings,
    cycles,
    waiting,
)
from twinbench.results.modularity import ChangeRow, SurfaceRow
from twinbench.results.rows import row_as
from twinbench.results.store import Run


@dataclass(frozen=True, slots=True)
class Rules:
    """Of one kind: forbidden imports that were planted, and those that were noticed."""

    rule: str
    planted: int
    noticed: int


@dataclass(frozen=True, slots=True)
class Build:
    """`pairs` counts capabilities of which one depends on the other, in whatever ways;
    `cycles_waiting` leaves events out. `held` is the share of planted breaches that the build's own
    check noticed; None where none was planted."""

    name: str
    couplings: tuple[Coupling, ...]
    surfaces: tuple[SurfaceRow, ...]
    kinds: Mapping[str, int]
    pairs: int
    cycles_waiting: tuple[tuple[str, ...], ...]
    cycles: tuple[tuple[str, ...], ...]
    breaches: tuple[Edge, ...]
    rules: tuple[Rules, ...]
    held: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(ChangeRow):
    """How far one change request reaches in one build.

    `beside` are capabilities that it changes and is not about. `suite_tests` and `suite_seconds`
    are those of all projects whose tests must run; None where they were not timed. `proved` is
    None where its own test was not run.
    """

    beside: tuple[str, ...]
    suite_tests: int | None
    suite_seconds: float | None
    proved: bool | None


@dataclass(frozen=True, slots=True)
class Modularity:
    """All that a run shows."""

    builds: tuple[Build, ...]
    reaches: tuple[Reach, ...]

    @property
    def kept(self) -> bool:
        """Whether nothing is undeclared, and every change request that was tried held."""
        return not any(one.breaches for one in self.builds) and all(
            one.proved is not False for one in self.reaches
        )


def modularity(run: Run) -> Modularity:
    builds = run.document["configuration"]["arms"]
    suites = {
        (row["build"], row["project"]): (row["tests"], row["seconds"])
        for row in run.tables["suites"].to_pylist()
    }
    reaches = [_reach(row, suites) for row in run.tables["changes"].to_pylist()]
    return Modularity(
        builds=tuple(_build(run, name) for name in builds),
        reaches=tuple(sorted(reaches, key=lambda one: (one.request, builds.index(one.build)))),
    )


def _build(run: Run, name: str) -> Build:
    rows = {
        table: [row for row in run.tables[table].to_pylist() if row["build"] == name]
        for table in ("edges", "surfaces", "rules")
    }
    edges = [
        Edge(row["source"], row["target"], row["kind"], row["detail"], row["declared"])
        for row in rows["edges"]
    ]
    parts = [row["capability"] for row in rows["surfaces"]]
    rules = tuple(_rules(rows["rules"]))
    planted = sum(one.planted for one in rules)
    return Build(
        name=name,
        couplings=couplings(parts, edges),
        surfaces=tuple(row_as(SurfaceRow, row) for row in rows["surfaces"]),
        kinds=counts(edges),
        pairs=len({(one.source, one.target) for one in edges}),
        cycles_waiting=cycles(waiting(edges)),
        cycles=cycles(edges),
        breaches=breaches(edges),
        rules=rules,
        held=sum(one.noticed for one in rules) / planted if planted else None,
    )


def _rules(rows: list[dict[str, Any]]) -> list[Rules]:
    return [
        Rules(
            rule=rule,
            planted=sum(row["planted"] for row in rows if row["rule"] == rule),
            noticed=sum(row["noticed"] for row in rows if row["rule"] == rule),
        )
        for rule in dict.fromkeys(row["rule"] for row in rows)
    ]


def _reach(row: dict[str, Any], suites: Mapping[tuple[str, str], tuple[int, float]]) -> Reach:
    own = [suites.get((row["build"], project)) for project in row["suites"]]
    timed = [one for one in own if one is not None]
    whole = len(timed) == len(own)
    tried = row["fails_before"] is not None
    return row_as(
        Reach,
        row,
        beside=tuple(sorted(set(row["capabilities"]) - set(row["meant"]))),
        suite_tests=sum(tests for tests, _ in timed) if whole else None,
        suite_seconds=sum(seconds for _, seconds in timed) if whole else None,
        proved=row["fails_before"] and row["passes_after"] if tried else None,
    )
