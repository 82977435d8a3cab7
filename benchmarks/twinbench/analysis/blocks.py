"""A run as columns of figures: one per measure and arm, one value per block."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from twinbench.analysis.percentiles import enough_for, percentiles
from twinbench.analysis.samples import Failures, Kind, Latencies, Trial, final_trials, waits_of
from twinbench.results.store import Run

PERCENTILES: Final = (0.5, 0.95, 0.99, 0.999)
ALL_REQUESTS: Final = "all"
_FEWEST_BLOCKS: Final = 2

Unit = Literal["ms", "CPU-ms", "MB"]
Unjudged = Literal["void", "curve"]
"""Why a figure carries no verdict: its trials were void, or its rate only draws the curve."""


class Measure(NamedTuple):
    """What a figure is about: a journey's or a request's percentile, or the arm as a whole."""

    kind: Kind
    subject: str
    name: str
    unit: Unit


Column = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Stage:
    """One offered rate: its blocks, and what every arm showed in each of them.

    `columns[measure][arm]` holds one figure per entry of `blocks`. `sound` is False where too few
    blocks are valid in all arms; all blocks are then kept, to be shown without a verdict.
    `headline` is False for a rate that only draws the curve.
    """

    rate: float
    arms: tuple[str, ...]
    blocks: tuple[int, ...]
    sound: bool
    columns: Mapping[Measure, Mapping[str, Column]]
    failures: Mapping[tuple[str, Kind, str], Failures]
    headline: bool = True

    @property
    def unjudged(self) -> Unjudged | None:
        if not self.sound:
            return "void"
        return None if self.headline else "curve"


def stages(run: Run) -> list[Stage]:
    """Every rate of a run, the lowest first. Reads one trial's requests at a time.

    A block counts if all arms that ran at this rate have a valid trial in it: so all figures and
    all ratios of a table are over the same blocks, and ratios multiply (decision 11).
    """
    trials = final_trials(run)
    arms = tuple(run.document["configuration"]["arms"])
    return [
        _stage(run, rate, [trial for trial in trials if trial.rate == rate], arms)
        for rate in sorted({trial.rate for trial in trials})
    ]


def _stage(run: Run, rate: float, trials: Sequence[Trial], known: tuple[str, ...]) -> Stage:
    present = {trial.arm for trial in trials}
    arms = tuple(arm for arm in known if arm in present)
    blocks, sound = usable_blocks(trials, arms)
    by_place = {(trial.block, trial.arm): trial for trial in trials}
    figures: dict[tuple[int, str], dict[Measure, float]] = {}
    failures: dict[tuple[str, Kind, str], Failures] = {}
    for block in blocks:
        for arm in arms:
            found, lost = trial_figures(run, by_place[block, arm])
            figures[block, arm] = found
            for (kind, name), count in lost.items():
                key = (arm, kind, name)
                failures[key] = failures.get(key, Failures(0, 0)) + count
    everywhere = _ordered(figures.values(), run.document["configuration"].get("mix", {}))
    columns = {
        measure: {arm: tuple(figures[block, arm][measure] for block in blocks) for arm in arms}
        for measure in everywhere
    }
    headline = rate not in run.document["configuration"].get("curve", ())
    return Stage(rate, arms, blocks, sound, columns, failures, headline)


def usable_blocks(trials: Sequence[Trial], arms: Sequence[str]) -> tuple[tuple[int, ...], bool]:
    """Blocks in which every arm's trial is valid; all complete ones where these are too few."""
    valid: dict[int, dict[str, bool]] = {}
    for trial in trials:
        valid.setdefault(trial.block, {})[trial.arm] = trial.valid
    complete = [block for block in sorted(valid) if len(valid[block]) == len(arms)]
    usable = [block for block in complete if all(valid[block].values())]
    if usable and len(usable) >= min(_FEWEST_BLOCKS, len(complete)):
        return tuple(usable), True
    return tuple(complete), False


def _ordered(trials: Iterable[Mapping[Measure, float]], mix: Iterable[str]) -> list[Measure]:
    """The measures that every trial has, journeys in the order of the mix and the arm last."""
    found = [set(figures) for figures in trials]
    shared = set.intersection(*found) if found else set()
    kinds: tuple[Kind, ...] = ("journey", "request", "arm")
    journeys = {name: place for place, name in enumerate(mix)}

    def place(measure: Measure) -> tuple[object, ...]:
        percentile = float(measure.name[1:]) if measure.name else 0.0
        at = journeys.get(measure.subject, len(journeys))
        return (kinds.index(measure.kind), at, measure.subject, percentile)

    return sorted(shared, key=place)


def trial_figures(
    run: Run, trial: Trial
) -> tuple[dict[Measure, float], Mapping[tuple[Kind, str], Failures]]:
    """All positive figures of one trial, and what failed in it.

    Milliseconds, CPU-milliseconds per transaction and megabytes. A percentile is there only if the
    trial has a sample beyond it; `all` pools every endpoint's requests.
    """
    waits = waits_of(run, trial)
    figures = _percentiles("journey", waits.journeys) | _percentiles("request", waits.requests)
    if waits.requests:
        together = {ALL_REQUESTS: np.concatenate(list(waits.requests.values()))}
        figures |= _percentiles("request", together)
    failures = dict(waits.failures)
    whole = sum((f for (kind, _), f in failures.items() if kind == "request"), Failures(0, 0))
    failures["request", ALL_REQUESTS] = whole
    for name, unit, figure in _OF_THE_ARM:
        figures[Measure("arm", name, "", unit)] = figure(trial)
    return {measure: value for measure, value in figures.items() if value > 0}, failures


_OF_THE_ARM: Final[tuple[tuple[str, Unit, Callable[[Trial], float]], ...]] = (
    ("CPU", "CPU-ms", lambda trial: trial.cpu_ms_per_transaction),
    ("memory", "MB", lambda trial: trial.pss_bytes / 1e6),
)


def _percentiles(kind: Kind, waits: Latencies) -> dict[Measure, float]:
    figures: dict[Measure, float] = {}
    for name, seconds in waits.items():
        shares = [share for share in PERCENTILES if enough_for(len(seconds), share)]
        for share, value in zip(shares, percentiles(seconds, shares), strict=True):
            figures[Measure(kind, name, f"p{100 * share:g}", "ms")] = 1000 * value
    return figures


def typical(column: Sequence[float] | NDArray[np.float64]) -> float:
    """The geometric mean over blocks."""
    return float(np.exp(np.mean(np.log(column))))
