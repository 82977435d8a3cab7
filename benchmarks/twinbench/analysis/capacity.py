"""Capacity: the highest offered rate that meets an objective, found by a search that is pure.

`next_step` looks at all trials so far and says what to try next. It keeps no state, so a run that
was killed goes on where it stopped, and the search can be tested on simulated queues.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Objective:
    """What customers are promised: a percentile of all requests, and how many may fail."""

    percentile: float = 95.0
    limit_ms: float = 200.0
    max_error_share: float = 0.001

    def met_by(self, observation: "Observation") -> bool:
        return _excess(self, observation) <= 0


@dataclass(frozen=True, slots=True)
class Search:
    """Where the search looks, in journeys per second, and how finely.

    Rates lie on a grid of steps by 1 + `resolution`, from `start` up and down. A trial whose
    figure is within a factor 1 + `near` of the limit is noise's to decide: it is made `repeats`
    times (odd), and the median decides. A rate with `voids` void trials in a row ends the search.
    """

    lowest: float
    highest: float
    start: float
    resolution: float = 0.05
    near: float = 0.25
    repeats: int = 3
    voids: int = 3
    objective: Objective = field(default_factory=Objective)

    def __post_init__(self) -> None:
        if not 0 < self.lowest <= self.start <= self.highest:
            raise ValueError("rates must be 0 < lowest <= start <= highest")
        if self.resolution <= 0 or self.near < 0 or self.voids < 1 or self.repeats % 2 == 0:
            raise ValueError("resolution > 0, near >= 0, voids > 0 and odd repeats are needed")

    def rate(self, step: int) -> float:
        return self.start * (1 + self.resolution) ** step

    def step(self, rate: float) -> int:
        return round(math.log(rate / self.start) / math.log1p(self.resolution))

    @property
    def bounds(self) -> tuple[int, int]:
        """The outermost steps of the grid; the rates there may lie a step inside the bounds."""
        size = math.log1p(self.resolution)
        lowest = math.ceil(math.log(self.lowest / self.start) / size - 1e-9)
        return lowest, math.floor(math.log(self.highest / self.start) / size + 1e-9)


@dataclass(frozen=True, slots=True)
class Observation:
    """A trial of the search: what it showed at the objective's percentile, inf for never."""

    rate: float
    latency_ms: float
    error_share: float
    valid: bool = True
    confirming: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """Try this rate next; a `confirming` trial is a longer one, which overrules the short ones."""

    rate: float
    confirming: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """The end of a search.

    `capacity` met the objective in a confirming trial and `fails_at`, the next rate on the grid,
    did not: the truth lies between. `capacity` is None where nothing met it (or the machine was
    disturbed: `void`); `fails_at` is None where the highest rate did, so that it is a lower bound.
    """

    capacity: float | None
    fails_at: float | None
    trials: int
    void: bool = False


def next_step(search: Search, observations: Sequence[Observation]) -> Probe | Done:
    """What to do after these trials, in the order they were made.

    First the bracket: doubling or halving from the start; then bisection on the grid; then a
    confirming trial of the best rate. If that fails, the bracket closes beneath it.
    """
    by_step: dict[int, list[Observation]] = {}
    for observation in observations:
        by_step.setdefault(search.step(observation.rate), []).append(observation)
    verdicts = {step: _verdict(search, trials) for step, trials in by_step.items()}
    if any(verdict == "void" for verdict in verdicts.values()):
        return Done(None, None, len(observations), void=True)
    for step, verdict in verdicts.items():
        if verdict in ("unclear", "unconfirmed"):
            return Probe(search.rate(step), confirming=verdict == "unconfirmed")

    lowest, highest = search.bounds
    failing = min((step for step, verdict in verdicts.items() if verdict == "fails"), default=None)
    # What met the objective above a rate that did not was luck.
    meeting = max(
        (
            step
            for step, verdict in verdicts.items()
            if verdict in ("meets", "confirmed") and (failing is None or step < failing)
        ),
        default=None,
    )
    following = _between(search, meeting, failing, lowest, highest)
    if following is not None:
        return Probe(search.rate(following))
    if meeting is None:
        return Done(None, search.rate(lowest), len(observations))
    if verdicts[meeting] != "confirmed":
        return Probe(search.rate(meeting), confirming=True)
    fails_at = None if failing is None else search.rate(failing)
    return Done(search.rate(meeting), fails_at, len(observations))


def _between(
    search: Search, meeting: int | None, failing: int | None, lowest: int, highest: int
) -> int | None:
    """The next step of the grid to try; None if the bracket is closed."""
    double = max(1, round(math.log(2) / math.log1p(search.resolution)))
    if meeting is None and failing is None:
        return 0
    if meeting is None:
        return None if failing == lowest else max(lowest, (failing or 0) - double)
    if failing is None:
        return None if meeting == highest else min(highest, meeting + double)
    return None if failing - meeting == 1 else (meeting + failing) // 2


def _verdict(search: Search, trials: Sequence[Observation]) -> str:
    """Of one rate: `meets`, `fails`, `confirmed`, or what is yet needed to tell."""
    valid = [trial for trial in trials if trial.valid]
    lost = len(trials) - 1 - max((i for i, t in enumerate(trials) if t.valid), default=-1)
    confirming = [trial for trial in valid if trial.confirming]
    if confirming:
        return "confirmed" if _excess(search.objective, confirming[-1]) <= 0 else "fails"
    if lost >= search.voids:
        return "void"
    if trials[-1].confirming:
        return "unconfirmed"
    excesses = [_excess(search.objective, trial) for trial in valid]
    clear = [excess for excess in excesses if abs(excess) > math.log1p(search.near)]
    if not excesses or (len(clear) != len(excesses) and len(excesses) < search.repeats):
        return "unclear"
    return "meets" if median(excesses) <= 0 else "fails"


def _excess(objective: Objective, trial: Observation) -> float:
    """How far above the limit, as a logarithm; errors above theirs are far above it."""
    if trial.error_share > objective.max_error_share or not math.isfinite(trial.latency_ms):
        return math.inf
    return math.log(trial.latency_ms / objective.limit_ms) if trial.latency_ms > 0 else -math.inf


@dataclass(frozen=True, slots=True)
class Agreement:
    """Capacity by search beside the bound that the utilisation law sets.

    `ratio` is search / law. The law knows no waiting: where the two disagree, something other than
    the processor limits the arm, or processor time per transaction grows with the rate.
    """

    searched: float
    lawful: float
    tolerance: float

    @property
    def ratio(self) -> float:
        return self.searched / self.lawful

    @property
    def agrees(self) -> bool:
        return abs(self.ratio - 1) <= self.tolerance


def cross_check(
    searched: float, *, cores: float, cpu_ms_per_transaction: float, tolerance: float = 0.15
) -> Agreement:
    """Against the utilisation law: a transaction that takes D of a processor's time can be served
    at most cores / D times a second (Denning & Buzen 1978). Raises ValueError unless positive."""
    if not (searched > 0 and cores > 0 and cpu_ms_per_transaction > 0):
        raise ValueError("the utilisation law needs positive figures")
    return Agreement(searched, 1000 * cores / cpu_ms_per_transaction, tolerance)
