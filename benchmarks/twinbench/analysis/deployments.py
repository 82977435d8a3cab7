"""What deployments under load did to customers, from a run of `deployment`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from twinbench.analysis.disturbance import Disturbance, disturbance_of
from twinbench.results.store import Run

_FLAVOURS: Final = ("code", "schema", "broken")


@dataclass(frozen=True, slots=True)
class Deployed:
    """All deployments of one kind on one arm; seconds are medians over them, counts are sums.

    `serving_s` is from the beginning until all that serves is new, or for one that was rolled back
    until all is as it was; `whole_s` until nothing was left to do. `slowed` is the share of
    journeys begun meanwhile that took more than twice what 95 % of their kind took before,
    `slowed_before` the same share of those before. `moved` are the operations of the API whose
    waits or errors moved in at least half of the deployments, of `operations` that were asked for;
    `blast_radius` is the share that moved in one, averaged. `mixed_s` is how long old and new
    answered side by side, `breaches` how many of the prober's answers broke the contract.
    """

    arm: str
    flavour: str
    strategy: str
    replicas: int
    count: int
    valid: int
    rolled_back: int
    failed_to_deploy: int
    requests: int
    failed_requests: int
    journeys: int
    failed_journeys: int
    slowed: float
    slowed_before: float
    moved: tuple[str, ...]
    operations: int
    blast_radius: float
    serving_s: float
    whole_s: float
    migrated_s: float
    processes: int
    components: int
    artefacts: int
    artefact_bytes: int
    mixed_s: float
    old_answers: int
    new_answers: int
    breaches: int


@dataclass(frozen=True, slots=True)
class Deployments:
    """All kinds of a run, and of each arm how long its best strategy keeps its line busy."""

    rates: Mapping[str, float]
    kinds: tuple[Deployed, ...]
    best: Mapping[str, Deployed]
    busy_s: Mapping[str, tuple[float, ...]]

    @property
    def sound(self) -> bool:
        """Whether each kind has a deployment that nothing but itself disturbed."""
        return bool(self.kinds) and all(kind.valid for kind in self.kinds)


class _Kind(NamedTuple):
    arm: str
    flavour: str
    strategy: str
    replicas: int

    def place(self, arms: Sequence[str]) -> tuple[int, int, str, int]:
        """In tables: by what is changed, how, and where."""
        flavour = _FLAVOURS.index(self.flavour)
        return flavour, self.replicas, self.strategy, arms.index(self.arm)


def deployments(run: Run) -> Deployments:
    """Of a finished run."""
    valid = {row["trial"]: row["valid"] for row in run.trials.to_pylist()}
    begun = {row["trial"]: row["warmup_s"] for row in run.trials.to_pylist()}
    kinds: dict[_Kind, list[Disturbance]] = {}
    for row in run.tables["deployments"].to_pylist():
        kind = _Kind(row["arm"], row["flavour"], row["strategy"], row["replicas"])
        table = run.requests([row["trial"]])
        one = disturbance_of(row, table, warmup_s=begun[row["trial"]], valid=valid[row["trial"]])
        kinds.setdefault(kind, []).append(one)
    arms = run.document["configuration"]["arms"]
    order = sorted(kinds, key=lambda kind: kind.place(arms))
    found = tuple(_together(kind, kinds[kind]) for kind in order)
    best = {arm: _best(one for one in found if one.arm == arm) for arm in _arms(found)}
    busy = {
        arm: tuple(
            (one.row["ended_ns"] - one.row["began_ns"]) / 1e9
            for one in kinds[_Kind(arm, kind.flavour, kind.strategy, kind.replicas)]
        )
        for arm, kind in best.items()
    }
    return Deployments(run.document["configuration"]["rates"], found, best, busy)


def _arms(found: Sequence[Deployed]) -> list[str]:
    return list(dict.fromkeys(one.arm for one in found if one.flavour == "code"))


def _best(kinds: Iterable[Deployed]) -> Deployed:
    """Of the strategies for a change of code: fewest failures, then fewest slowed, then soonest."""
    code = [one for one in kinds if one.flavour == "code"]
    return min(code, key=lambda one: (one.failed_journeys / one.count, one.slowed, one.whole_s))


def _together(kind: _Kind, own: Sequence[Disturbance]) -> Deployed:
    rows = [one.row for one in own]
    operations = frozenset[str]().union(*(one.operations for one in own))
    journeys = sum(one.journeys for one in own)
    return Deployed(
        **kind._asdict(),
        count=len(own),
        valid=sum(one.valid for one in own),
        rolled_back=sum(row["outcome"] == "rolled back" for row in rows),
        failed_to_deploy=sum(row["outcome"] == "failed" for row in rows),
        requests=sum(one.requests for one in own),
        failed_requests=sum(one.failed_requests for one in own),
        journeys=journeys,
        failed_journeys=sum(one.failed_journeys for one in own),
        slowed=sum(one.slowed for one in own) / journeys if journeys else 0.0,
        slowed_before=float(np.mean([one.slowed_before for one in own])),
        moved=_moved_in_half(own),
        operations=len(operations),
        blast_radius=float(
            np.mean([len(one.moved) / len(one.operations) if one.operations else 0 for one in own])
        ),
        serving_s=_median(row["serving_ns"] - row["began_ns"] for row in rows),
        whole_s=_median(row["ended_ns"] - row["began_ns"] for row in rows),
        migrated_s=_median(
            (row["migrated_ns"] or row["began_ns"]) - row["began_ns"] for row in rows
        ),
        processes=int(np.median([row["processes"] for row in rows])),
        components=len(rows[0]["components"]),
        artefacts=rows[0]["artefacts"],
        artefact_bytes=rows[0]["artefact_bytes"],
        mixed_s=_median(_mixed_ns(row) for row in rows),
        old_answers=sum(row["old_answers"] for row in rows),
        new_answers=sum(row["new_answers"] for row in rows),
        breaches=sum(len(row["breaches"]) for row in rows),
    )


def _moved_in_half(own: Sequence[Disturbance]) -> tuple[str, ...]:
    """What moved by chance does so in few."""
    counts = Counter(name for one in own for name in one.moved)
    return tuple(sorted(name for name, count in counts.items() if 2 * count >= len(own)))


def _mixed_ns(row: Mapping[str, Any]) -> int:
    if row["first_new_ns"] is None or row["last_old_ns"] is None:
        return 0
    return int(max(0, row["last_old_ns"] - row["first_new_ns"]))


def _median(nanoseconds: Iterable[int]) -> float:
    return float(np.median(list(nanoseconds))) / 1e9
