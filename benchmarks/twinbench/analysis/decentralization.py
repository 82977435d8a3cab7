"""How far each capability goes ahead alone: pace, data, dependencies, and a report over all."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from twinbench.results.decentralization import MoveRow
from twinbench.results.rows import row_as
from twinbench.results.store import Run

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one edited line to its being served, medians over blocks; `test_s` is None
    where tests were not run, and `whole_s` then is without them. Components are what was replaced.
    """

    capability: str
    arm: str
    test_s: float | None
    tests: int
    failed: int
    build_s: float
    serve_s: float
    whole_s: float
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Typical:
    """Over the capabilities of one arm: the median pace, the fastest and the slowest."""

    arm: str
    whole_s: float
    fastest_s: float
    slowest_s: float
    tests: float
    components: float


@dataclass(frozen=True, slots=True)
class Owned:
    """Tables that the code of one capability can read through its arm's role, at the median over
    capabilities, and most. `refused`: databases that let no other's role in."""

    arm: str
    roles: int
    own: float
    shared: float
    others: float
    most_others: int
    refused: int


@dataclass(frozen=True, slots=True)
class Reported:
    """One way to the report: medians over repetitions, and the longest that an order was missing
    from it, both in milliseconds."""

    arm: str
    way: str
    lines: int
    requests: float
    sales: float
    ms: float
    stale_ms: float
    most_stale_ms: float


@dataclass(frozen=True, slots=True)
class Decentralization:
    """All of a run, arms in its order."""

    arms: tuple[str, ...]
    blocks: int
    paces: tuple[Pace, ...]
    typical: tuple[Typical, ...]
    owned: tuple[Owned, ...]
    moved: tuple[MoveRow, ...]
    reported: tuple[Reported, ...]


def decentralization(run: Run) -> Decentralization:
    """What the run found."""
    arms = tuple(run.document["configuration"]["arms"])
    rows = {name: table.to_pylist() for name, table in run.tables.items()}
    paces = tuple(_paces(rows["paces"], arms))
    return Decentralization(
        arms=arms,
        blocks=len({row["block"] for row in rows["paces"]}),
        paces=paces,
        typical=tuple(_typical(paces, arms)),
        owned=tuple(_owned(rows["reaches"], arms)),
        moved=tuple(row_as(MoveRow, row) for row in rows["moves"]),
        reported=tuple(_reported(rows["reports"])),
    )


def _paces(rows: Rows, arms: Sequence[str]) -> Iterator[Pace]:
    for capability in sorted({row["capability"] for row in rows}):
        for arm in arms:
            own = [row for row in rows if (row["capability"], row["arm"]) == (capability, arm)]
            if own:
                yield _pace(own)


def _pace(own: Rows) -> Pace:
    first = own[0]
    tested = [row["test_s"] for row in own if row["test_s"] is not None]
    test_s = _median(tested) if tested else None
    build_s, serve_s = (_median(row[name] for row in own) for name in ("build_s", "serve_s"))
    return Pace(
        capability=first["capability"],
        arm=first["arm"],
        test_s=test_s,
        tests=max(row["tests"] for row in own),
        failed=max(row["failed"] for row in own),
        build_s=build_s,
        serve_s=serve_s,
        whole_s=(test_s or 0.0) + build_s + serve_s,
        components=tuple(first["components"]),
    )


def _typical(paces: Sequence[Pace], arms: Sequence[str]) -> Iterator[Typical]:
    for arm in arms:
        own = [one for one in paces if one.arm == arm]
        if own:
            whole = [one.whole_s for one in own]
            yield Typical(
                arm=arm,
                whole_s=_median(whole),
                fastest_s=min(whole),
                slowest_s=max(whole),
                tests=_median(one.tests for one in own),
                components=_median(len(one.components) for one in own),
            )


def _owned(rows: Rows, arms: Sequence[str]) -> Iterator[Owned]:
    for arm in arms:
        own = [row for row in rows if row["arm"] == arm]
        if own:
            yield Owned(
                arm=arm,
                roles=len({row["role"] for row in own}),
                own=_median(row["own"] for row in own),
                shared=_median(row["shared"] for row in own),
                others=_median(row["others"] for row in own),
                most_others=max(row["others"] for row in own),
                refused=min(row["refused"] for row in own),
            )


def _reported(rows: Rows) -> Iterator[Reported]:
    for arm, way in dict.fromkeys((row["arm"], row["way"]) for row in rows):
        own = [row for row in rows if (row["arm"], row["way"]) == (arm, way)]
        yield Reported(
            arm=arm,
            way=way,
            lines=own[0]["lines"],
            requests=_median(row["requests"] for row in own),
            sales=_median(row["sales"] for row in own),
            ms=_median(row["ms"] for row in own),
            stale_ms=_median(row["stale_ms"] for row in own),
            most_stale_ms=max(row["stale_ms"] for row in own),
        )


def _median(values: Iterable[float]) -> float:
    return float(np.median(np.fromiter(values, float)))
