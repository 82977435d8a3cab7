"""What a call from service to service costs, from a traced run.

A hop's latency is the call as its caller saw it, less what the callee told that it took itself:
what both ends and the way between them add. Its CPU time is what the apps of the microservices use
per journey beyond the modulith's, by the calls in a journey: the modulith makes the same calls
directly, in the same code, over the same load. So all that distribution costs the apps is booked on
calls, events that travel over a broker and eight processes in place of two included.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from twinbench.analysis.attribution import MICROSERVICES, MODULITH
from twinbench.analysis.blocks import usable_blocks
from twinbench.analysis.levels import Level, level, positive_level
from twinbench.analysis.percentiles import enough_for, percentiles
from twinbench.analysis.samples import Trial, component_figures, final_trials
from twinbench.results.store import Run

ALL: Final = "all"
_APPS: Final = "app"
# To which headers tell the time.
_CLOCK_MS: Final = 1e-4

Edge = tuple[str, str]
"""Request of the customer, operation that is called."""


@dataclass(frozen=True, slots=True)
class CallCost:
    """One operation as one arm calls it for one request; `all` for all together.

    Means over blocks: `per_request` calls; milliseconds that the caller waits and the callee works
    at the median, the callee's CPU time on average. What the hop adds is a geometric mean (`p95`
    None where a block has too few calls).
    """

    request: str
    operation: str
    arm: str
    per_request: float
    wall_ms: float
    own_ms: float
    cpu_ms: float
    p50: Level
    p95: Level | None


@dataclass(frozen=True, slots=True)
class AnswerCost:
    """What one arm's answers to one request tell: milliseconds at the median, CPU on average.

    `covered` is the share of their whole time that calls covered; `lost` calls had no answer and
    `left` ones were not told, in all blocks.
    """

    request: str
    arm: str
    wall_ms: float
    cpu_ms: float
    calls: float
    covered: float
    lost: int
    left: int


@dataclass(frozen=True, slots=True)
class Hops:
    """All that a traced run shows. `cpu` is by arm and kind of component, in CPU-ms per journey.

    `cpu_per_call` (milliseconds) needs microservices and modulith in the run. Where too few blocks
    are valid all are shown, and the run is not `sound`.
    """

    arms: tuple[str, ...]
    rate: float
    blocks: int
    sound: bool
    calls: tuple[CallCost, ...]
    answers: tuple[AnswerCost, ...]
    calls_per_journey: Mapping[str, float]
    cpu: Mapping[str, Mapping[str, Level]]
    cpu_per_call: Level | None


@dataclass(frozen=True, slots=True)
class _Told:
    """What one trial told, of requests that ended in its window."""

    trial: Trial
    transactions: float
    answers: Mapping[str, list[dict[str, Any]]]
    calls: Mapping[Edge, list[dict[str, Any]]]
    cpu: Mapping[str, float]

    @property
    def calls_per_journey(self) -> float:
        return len(self.calls.get((ALL, ALL), ())) / self.transactions


def hops(run: Run) -> Hops:
    """The hops of a finished run at its one rate."""
    trials = final_trials(run)
    arms = tuple(run.document["configuration"]["arms"])
    blocks, sound = usable_blocks(trials, arms)
    by_place = {(trial.block, trial.arm): trial for trial in trials}
    told = {arm: [_told(run, by_place[block, arm]) for block in blocks] for arm in arms}
    return Hops(
        arms=arms,
        rate=min((trial.rate for trial in trials), default=0.0),
        blocks=len(blocks),
        sound=sound and bool(blocks),
        calls=tuple(_calls(told)),
        answers=tuple(_answers(told)),
        calls_per_journey={
            arm: _mean([one.calls_per_journey for one in own]) for arm, own in told.items() if own
        },
        cpu={arm: _cpu(own) for arm, own in told.items()},
        cpu_per_call=_cpu_per_call(told),
    )


def known_within(run: Run, share: float) -> bool:
    """Whether CPU and median latency of a hop are known within this share, for stopping."""
    found = hops(run)
    latencies = [one.p50 for one in found.calls if one.request == ALL]
    levels = [*latencies, found.cpu_per_call] if found.cpu_per_call else latencies
    return found.sound and bool(levels) and all(one.known_within(share) for one in levels)


def _told(run: Run, trial: Trial) -> _Told:
    row = run.trials.filter(pc.field("trial") == trial.number).to_pylist()[0]
    begin, end = (round(at * 1e9) for at in (trial.warmup_s, trial.warmup_s + trial.measure_s))
    ended = (pc.field("finished_ns") >= begin) & (pc.field("finished_ns") < end)
    mine = (pc.field("trial") == trial.number) & ended
    answers: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for answer in run.tables["answers"].filter(mine).to_pylist():
        answers[answer["request"]].append(answer)
    calls: defaultdict[Edge, list[dict[str, Any]]] = defaultdict(list)
    for call in run.tables["calls"].filter(mine).to_pylist():
        for edge in ((call["request"], call["operation"]), (ALL, ALL)):
            calls[edge].append(call)
    kinds = run.document["configuration"]["kinds"]
    cpu: defaultdict[str, float] = defaultdict(float)
    for name, (cores, _) in component_figures(run, [trial.number])[trial.arm].items():
        cpu[kinds[name]] += 1000 * cores * trial.measure_s / row["transactions"]
    return _Told(trial, row["transactions"], answers, calls, cpu)


def _calls(told: Mapping[str, Sequence[_Told]]) -> Iterable[CallCost]:
    """Of all together first; an operation counts for an arm if every block has it."""
    edges = {
        arm: set.intersection(*(set(one.calls) for one in own)) if own else set()
        for arm, own in told.items()
    }
    for edge in sorted(set().union(*edges.values()), key=lambda edge: (edge[0] != ALL, edge)):
        for arm, own in told.items():
            if edge in edges[arm]:
                yield _call(edge, arm, own)


def _call(edge: Edge, arm: str, own: Sequence[_Told]) -> CallCost:
    request, operation = edge
    added, per_request = [], []
    for one in own:
        rows = one.calls[edge]
        added.append(np.array([row["wall_ms"] - row["own_ms"] for row in rows]))
        asked = one.answers.values() if request == ALL else [one.answers[request]]
        per_request.append(len(rows) / sum(map(len, asked)))
    enough = all(enough_for(len(figures), 0.95) for figures in added)
    return CallCost(
        request=request,
        operation=operation,
        arm=arm,
        per_request=_mean(per_request),
        wall_ms=_mean([_median(one.calls[edge], "wall_ms") for one in own]),
        own_ms=_mean([_median(one.calls[edge], "own_ms") for one in own]),
        cpu_ms=_mean([_average(one.calls[edge], "cpu_ms") for one in own]),
        p50=_added(added, 0.5),
        p95=_added(added, 0.95) if enough else None,
    )


def _added(hops: Sequence[NDArray[np.float64]], share: float) -> Level:
    """A callee's time lies within its caller's; a clock's step is what it takes at least."""
    return positive_level([max(percentiles(figures, (share,))[0], _CLOCK_MS) for figures in hops])


def _answers(told: Mapping[str, Sequence[_Told]]) -> Iterable[AnswerCost]:
    everywhere = [set(one.answers) for own in told.values() for one in own]
    for request in sorted(set.intersection(*everywhere)) if everywhere else ():
        for arm, own in told.items():
            rows = [one.answers[request] for one in own]
            whole = [row for of_block in rows for row in of_block]
            yield AnswerCost(
                request=request,
                arm=arm,
                wall_ms=_mean([_median(of_block, "wall_ms") for of_block in rows]),
                cpu_ms=_mean([_average(of_block, "cpu_ms") for of_block in rows]),
                calls=_mean([_average(of_block, "calls") for of_block in rows]),
                covered=sum(row["calls_ms"] for row in whole)
                / sum(row["wall_ms"] for row in whole),
                lost=sum(row["lost"] for row in whole),
                left=sum(row["left"] for row in whole),
            )


def _cpu(own: Sequence[_Told]) -> dict[str, Level]:
    kinds = sorted({kind for one in own for kind in one.cpu})
    return {kind: level([one.cpu.get(kind, 0.0) for one in own]) for kind in kinds}


def _cpu_per_call(told: Mapping[str, Sequence[_Told]]) -> Level | None:
    """Block by block: both arms of a block are asked the same."""
    pairs = list(zip(told.get(MICROSERVICES, ()), told.get(MODULITH, ()), strict=False))
    if not pairs or not all(services.calls_per_journey for services, _ in pairs):
        return None
    return level(
        [
            (services.cpu[_APPS] - one_process.cpu[_APPS]) / services.calls_per_journey
            for services, one_process in pairs
        ]
    )


def _mean(figures: Sequence[float]) -> float:
    return float(np.mean(figures))


def _average(rows: Sequence[Mapping[str, float]], name: str) -> float:
    return _mean([row[name] for row in rows])


def _median(rows: Sequence[Mapping[str, float]], name: str) -> float:
    return percentiles(np.array([row[name] for row in rows]), (0.5,))[0]
