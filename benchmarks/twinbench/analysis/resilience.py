"""What faults do to journeys: success, goodput and waits beside the same arm's own baseline.

All figures are of the time in which a fault held; a signal that ends at once is given as long. The
baseline is looked at over the same time of its trial. Counts of several blocks are added up.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from twinbench.analysis.overloads import Overload, overloads
from twinbench.analysis.struck import (
    Struck,
    failing,
    goodput,
    since,
    struck_trials,
    wilson,
)
from twinbench.results.store import Run

BASELINE: Final = "baseline"
READY_S: Final = 5.0  # after a kill, until all is ready
RECOVERED_S: Final = 10.0  # likewise, until nothing fails any more


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of journey under one fault in one arm. `success` is a share, with its 95 % interval
    by Wilson's score; `goodput` good journeys per second, its ratio that of the good among those
    that came. Ratios are to the arm's baseline, None where that has none. `p95_ms` is None where
    there are too few."""

    fault: str
    arm: str
    journey: str
    journeys: int
    success: float
    low: float
    high: float
    goodput: float
    goodput_ratio: float | None
    p95_ms: float | None
    p95_ratio: float | None


@dataclass(frozen=True, slots=True)
class Course:
    """How one fault went in one arm, at the worst of its trials. In seconds: until a customer was
    told of it, since it began; until the last request that failed had been sent, and until all
    components were ready, since it ended. None: never."""

    fault: str
    arm: str
    component: str
    trials: int
    bites: int
    detected_s: float | None
    recovered_s: float | None
    ready_s: float | None

    @property
    def in_time(self) -> bool:
        """Whether a kill was got over as soon as the shop is meant to get over one."""
        ready = self.ready_s is not None and self.ready_s <= READY_S
        return ready and self.recovered_s is not None and self.recovered_s <= RECOVERED_S


@dataclass(frozen=True, slots=True)
class Promise:
    """What the contract promises of a fault, in how many trials it was kept, and what was seen."""

    promise: str
    fault: str
    arm: str
    kept: int
    asked: int
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resilience:
    """All that a run shows. `missing` are faults of which an arm has no valid trial; `absent` those
    that it cannot have, and why."""

    arms: tuple[str, ...]
    faults: tuple[str, ...]
    cells: tuple[Cell, ...]
    courses: tuple[Course, ...]
    promises: tuple[Promise, ...]
    overloads: tuple[Overload, ...]
    missing: tuple[tuple[str, str], ...]
    absent: Mapping[str, Mapping[str, str]]

    @property
    def sound(self) -> bool:
        return not self.missing


def resilience(run: Run) -> Resilience:
    """Of a finished run."""
    configuration = run.document["configuration"]
    arms, faults = tuple(configuration["arms"]), (BASELINE, *configuration["faults"])
    trials: dict[tuple[str, str], list[Struck]] = {}
    for trial in struck_trials(run):
        trials.setdefault((trial.fault["fault"], trial.row["arm"]), []).append(trial)
    absent = configuration["absent"]
    made = {line["fault"] for line in run.tables["faults"].to_pylist()}
    return Resilience(
        arms=arms,
        faults=faults,
        cells=tuple(_cells(trials, faults, arms)),
        courses=tuple(
            _course(fault, arm, trials[fault, arm])
            for fault in faults
            for arm in arms
            if (fault, arm) in trials and trials[fault, arm][0].fault["component"]
        ),
        promises=tuple(_promises(run, trials)),
        overloads=tuple(overloads(run, trials, arms)),
        missing=tuple(
            (fault, arm)
            for fault in faults
            for arm in arms
            if fault in made and fault not in absent[arm] and (fault, arm) not in trials
        ),
        absent=absent,
    )


def _cells(
    trials: Mapping[tuple[str, str], Sequence[Struck]], faults: Sequence[str], arms: Sequence[str]
) -> Iterator[Cell]:
    for fault in faults:
        for arm in arms:
            own, base = trials.get((fault, arm), ()), trials.get((BASELINE, arm), ())
            for journey in sorted({name for one in own for name in one.counts}):
                yield _cell((fault, arm, journey), own, base)


def _cell(place: tuple[str, str, str], own: Sequence[Struck], base: Sequence[Struck]) -> Cell:
    fault, arm, journey = place
    counts = [one.counts[journey] for one in own if journey in one.counts]
    journeys, succeeded = sum(c.journeys for c in counts), sum(c.succeeded for c in counts)
    low, high = wilson(succeeded, journeys)
    good, usual = _good_share(own, journey), _good_share(base, journey)
    p95, usual_p95 = _p95(own, journey), _p95(base, journey)
    return Cell(
        fault=fault,
        arm=arm,
        journey=journey,
        journeys=journeys,
        success=succeeded / journeys if journeys else 0.0,
        low=low,
        high=high,
        goodput=goodput(own, journey),
        goodput_ratio=good / usual if usual else None,
        p95_ms=p95,
        p95_ratio=p95 / usual_p95 if p95 and usual_p95 else None,
    )


def _good_share(trials: Sequence[Struck], journey: str) -> float:
    """Of those that came: by chance, more come of one kind in one trial than in another."""
    counts = [one.counts[journey] for one in trials if journey in one.counts]
    came = sum(one.journeys for one in counts)
    return sum(one.good for one in counts) / came if came else 0.0


def _p95(trials: Sequence[Struck], journey: str) -> float | None:
    """Of each trial first, then the geometric mean."""
    found = [one.counts[journey].p95_ms for one in trials if journey in one.counts]
    known = [p95 for p95 in found if p95]
    return float(np.exp(np.mean(np.log(known)))) if known and len(known) == len(found) else None


def _course(fault: str, arm: str, trials: Sequence[Struck]) -> Course:
    failures = [failing(one) for one in trials]
    ready = [since(one.fault["ready_ns"], one.fault["ends_ns"]) for one in trials]
    return Course(
        fault=fault,
        arm=arm,
        component=trials[0].fault["component"],
        trials=len(trials),
        bites=sum(one.fault["bites"] for one in trials),
        detected_s=_worst([detected for detected, _ in failures]),
        recovered_s=_worst([recovered for _, recovered in failures]),
        ready_s=_worst(ready),
    )


def _worst(seconds: Sequence[float | None]) -> float | None:
    known = [one for one in seconds if one is not None]
    return max(known) if known and len(known) == len(seconds) else None


def _promises(run: Run, trials: Mapping[tuple[str, str], Sequence[Struck]]) -> Iterator[Promise]:
    """Of valid trials."""
    valid = {one.row["trial"] for own in trials.values() for one in own}
    asked: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for line in run.tables["promises"].to_pylist():
        if line["trial"] in valid:
            asked.setdefault((line["promise"], line["fault"], line["arm"]), []).append(line)
    for (promise, fault, arm), lines in asked.items():
        seen = tuple(dict.fromkeys(line["seen"] for line in lines))
        yield Promise(promise, fault, arm, sum(line["kept"] for line in lines), len(lines), seen)
