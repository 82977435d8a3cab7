"""What a demanded rate costs each arm as one capability is asked for more and more."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, NamedTuple

import pyarrow.compute as pc

from twinbench.analysis.capacity import Objective, Probe
from twinbench.analysis.cheapest import Cheapest, Replicas, Room, Tried, next_step
from twinbench.analysis.observing import observe
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.samples import component_figures
from twinbench.results.store import Run

MEASURES: Final = ("CPUs given", "CPUs used", "memory")


class Wanted(NamedTuple):
    """One search of a run: in this block, with this share of hot requests, of this arm."""

    block: int
    share: float
    arm: str


@dataclass(frozen=True, slots=True)
class Price:
    """The cheapest that was found of one arm at one share of hot requests.

    Medians over `blocks`, those in which something was found: `replicas` by component, CPUs given
    to them and CPUs that the whole arm used, and its memory. `unmet` blocks found nothing within
    the room there was; `voided` counts trials. NaN where there is no block.
    """

    share: float
    arm: str
    replicas: Mapping[str, float]
    cpus_given: float
    cpus_used: float
    memory_bytes: float
    blocks: int
    unmet: int
    trials: int
    voided: int


@dataclass(frozen=True, slots=True)
class Times:
    """One price in times of another, by block: `measure` is one of MEASURES.

    Of `arm` at `share`, in times of `base`'s at the same share; or, where `base` is the arm itself,
    in times of its own at the lowest share there is.
    """

    share: float
    arm: str
    base: str
    measure: str
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class Skew:
    """`demanded`: requests per second. A replica had `slice_cpus`, a component `most` of them."""

    prices: tuple[Price, ...]
    times: tuple[Times, ...]
    demanded: float
    slice_cpus: float
    most: int

    @property
    def sound(self) -> bool:
        """Whether every search came to an end at least once."""
        return all(price.blocks or price.unmet for price in self.prices)


@dataclass(frozen=True, slots=True)
class _Made:
    number: int
    tried: Tried
    cpus_used: float
    memory_bytes: float


@dataclass(frozen=True, slots=True)
class _Ended:
    end: Replicas | Cheapest
    best: _Made | None
    made: Sequence[_Made]


def next_replicas(run: Run, wanted: Wanted, room: Room) -> Replicas | None:
    """What one search of a run so far is to try next; None when it is over."""
    rows = _rows(run).get(wanted, {})
    step = next_step(room, [made.tried for made in _made(run, rows)])
    return None if isinstance(step, Cheapest) else step


def skew(run: Run) -> Skew | None:
    """None of a run that has not looked for it."""
    searches = _rows(run)
    if not searches:
        return None
    configuration = run.document["configuration"]
    first = next(iter(next(iter(searches.values())).values()))[0]
    ended = {one: _ended(run, rows, configuration["slices"]) for one, rows in searches.items()}
    arms = [arm for arm in configuration["arms"] if any(one.arm == arm for one in ended)]
    shares = sorted({one.share for one in ended})
    slice_cpus = first["slice_cpus"]
    return Skew(
        prices=tuple(_price(ended, share, arm, slice_cpus) for share in shares for arm in arms),
        times=tuple(_times(ended, shares, arms)),
        demanded=first["demanded"],
        slice_cpus=slice_cpus,
        most=configuration["slices"],
    )


_Rows = dict[int, list[dict[str, Any]]]


def _rows(run: Run) -> dict[Wanted, _Rows]:
    """Of PROVISIONS, by search and trial."""
    found: dict[Wanted, _Rows] = defaultdict(lambda: defaultdict(list))
    if "provisions" not in run.tables:
        return found
    blocks = dict(zip(*(run.trials[name].to_pylist() for name in ("trial", "block")), strict=True))
    for row in run.tables["provisions"].to_pylist():
        wanted = Wanted(blocks[row["trial"]], row["share"], row["arm"])
        found[wanted][row["trial"]].append(row)
    return found


def _made(run: Run, rows: _Rows) -> list[_Made]:
    """The trials of a search, in the order they were made."""
    if not rows:
        return []
    objective = Objective(**run.document["configuration"]["objective"])
    own = run.trials.filter(pc.field("trial").isin(list(rows))).to_pylist()
    return [
        _trial(run, trial, rows[trial["trial"]], objective)
        for trial in sorted(own, key=lambda row: row["trial"])
    ]


def _trial(
    run: Run, trial: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], objective: Objective
) -> _Made:
    number = trial["trial"]
    seen = observe(
        run.requests([number]),
        Probe(trial["offered_rate"]),
        warmup_s=trial["warmup_s"],
        measure_s=trial["measure_s"],
        valid=trial["valid"],
        objective=objective,
    )
    used = component_figures(run, [number]).get(trial["arm"], {})
    tried = Tried(
        replicas={row["component"]: row["replicas"] for row in rows},
        meets=objective.met_by(seen),
        busy={
            row["component"]: used[row["component"]][0] / (row["replicas"] * row["slice_cpus"])
            for row in rows
            if row["component"] in used
        },
        valid=trial["valid"],
    )
    return _Made(number, tried, trial["cpu_seconds"] / trial["measure_s"], trial["pss_bytes"])


def _ended(run: Run, rows: _Rows, most: int) -> _Ended:
    made = _made(run, rows)
    room = Room(tuple(made[0].tried.replicas), most)
    end = next_step(room, [one.tried for one in made])
    met = [one for one in made if one.tried.valid and one.tried.meets]
    over = isinstance(end, Cheapest) and end.replicas is not None
    return _Ended(end, met[-1] if over else None, made)


def _price(ended: Mapping[Wanted, _Ended], share: float, arm: str, slice_cpus: float) -> Price:
    own = [one for wanted, one in ended.items() if (wanted.share, wanted.arm) == (share, arm)]
    best = [one.best for one in own if one.best is not None]
    ends = [one.end for one in own if isinstance(one.end, Cheapest)]
    components = best[0].tried.replicas if best else ()
    replicas = {name: median(one.tried.replicas[name] for one in best) for name in components}
    return Price(
        share=share,
        arm=arm,
        replicas=replicas,
        cpus_given=slice_cpus * sum(replicas.values()) if best else math.nan,
        cpus_used=median(one.cpus_used for one in best) if best else math.nan,
        memory_bytes=median(one.memory_bytes for one in best) if best else math.nan,
        blocks=len(best),
        unmet=sum(end.replicas is None and not end.void for end in ends),
        trials=sum(len(one.made) for one in own),
        voided=sum(not made.tried.valid for one in own for made in one.made),
    )


def _times(
    ended: Mapping[Wanted, _Ended], shares: Sequence[float], arms: Sequence[str]
) -> Iterator[Times]:
    for share in shares:
        for arm in arms:
            beside = [] if arm == arms[0] else [(share, arms[0])]
            before = [] if share == shares[0] else [(shares[0], arm)]
            for other in (*beside, *before):
                for measure in MEASURES:
                    if (found := _ratio(ended, (share, arm), other, measure)) is not None:
                        yield Times(share, arm, other[1], measure, found)


def _ratio(
    ended: Mapping[Wanted, _Ended], one: tuple[float, str], other: tuple[float, str], measure: str
) -> Estimate | None:
    above, below = _by_block(ended, *one, measure), _by_block(ended, *other, measure)
    blocks = sorted(above.keys() & below.keys())
    if not blocks:
        return None
    return estimate(log_ratios([above[b] for b in blocks], [below[b] for b in blocks]))


def _by_block(
    ended: Mapping[Wanted, _Ended], share: float, arm: str, measure: str
) -> dict[int, float]:
    return {
        wanted.block: _figure(one.best, measure)
        for wanted, one in ended.items()
        if (wanted.share, wanted.arm) == (share, arm) and one.best is not None
    }


def _figure(made: _Made, measure: str) -> float:
    if measure == "memory":
        return made.memory_bytes
    if measure == "CPUs used":
        return made.cpus_used
    return float(sum(made.tried.replicas.values()))
