"""What the results say of each claim, in words: the scoreboard's lines.

A claim joins by a line in CLAIMS: its experiment, and a function from a run to an answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from twinbench.analysis.attribution import MICROSERVICES, MODULITH, MONOLITH, Attribution
from twinbench.analysis.blocks import stages
from twinbench.analysis.capacities import Capacity, capacities, objective_of
from twinbench.analysis.capacity import Objective
from twinbench.analysis.comparison import Comparison, Row, compare
from twinbench.analysis.floors import compare_floors
from twinbench.analysis.hops import ALL, hops
from twinbench.analysis.load import telling_rate
from twinbench.report.judged import (
    consistency,
    decentralization,
    deployment,
    modularity,
    resilience,
    scaling,
    simplicity,
)
from twinbench.report.judged.answer import HOLDS, MISSING, OPEN, REFUTED, Answer, Effect
from twinbench.report.words import amount, bounds, times
from twinbench.results.store import Run

__all__ = [
    "CLAIMS", "HOLDS", "MISSING", "OPEN", "REFUTED", "Answer", "Claim", "Effect", "answers",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """`answer` is None while nothing here judges it."""

    name: str
    claimed: str
    experiment: str | None = None
    answer: Callable[[Run, str, str], Answer] | None = None


def answers(runs: Mapping[str, Run]) -> list[Answer]:
    """One of every claim, from the runs by experiment; what is missing says so."""
    return [_answer(claim, runs.get(claim.experiment or "")) for claim in CLAIMS]


def _answer(claim: Claim, run: Run | None) -> Answer:
    if claim.answer is None:
        way = "The scoreboard does not judge it yet."
    elif run is None:
        way = f"These results hold no run of it: ./twinbench run {claim.experiment}."
    else:
        return claim.answer(run, claim.name, claim.claimed)
    return Answer(claim.name, claim.claimed, MISSING, "-", "-", way)


def _latency(run: Run, name: str, claimed: str) -> Answer:
    """By the journey that is made most often; beside it CPU and memory."""
    found, comparison = stages(run), compare(run)
    rate = telling_rate(found, Objective())
    rows = [r for r in comparison.rows if r.rate == rate and r.second == MICROSERVICES]
    parts = {(p.subject, p.measure): p for p in comparison.attribution if p.rate == rate}
    waits = [row for row in rows if row.kind == "journey"]
    headline = next((r for r in waits if r.measure == "p95"), waits[0] if waits else None)
    if headline is None or comparison.base != MONOLITH:
        return Answer(
            name, claimed, OPEN, "-", "-", "The run does not hold both monolith and microservices."
        )
    own = [headline, *(row for row in rows if row.kind == "arm")]
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=_judged(headline),
        effect=f"{headline.subject} {headline.measure} {times(headline.estimate.ratio)} "
        f"({bounds(headline.estimate)})",
        cause=_cause(parts.get((headline.subject, headline.measure))),
        sentence=_waits_sentence(headline, comparison, rate),
        effects=tuple(_effect(row, parts.get((row.subject, row.measure))) for row in own),
    )


def _judged(row: Row) -> str:
    """Of a claim that the figure is higher."""
    if row.verdict in (None, "inconclusive"):
        return OPEN
    return HOLDS if row.verdict == "higher" else REFUTED


def _cause(part: Attribution | None) -> str:
    if part is None:
        return "unknown: the run has no modulith"
    return (
        f"framework {times(part.framework.estimate.ratio)}, "
        f"distribution {times(part.distribution.estimate.ratio)}"
    )


def _waits_sentence(row: Row, comparison: Comparison, rate: float) -> str:
    ours, theirs = (amount(row.typical[arm]) for arm in (row.first, row.second))
    sound = "" if comparison.sound else " Too few valid trials: this supports no verdict."
    return (
        f"At {rate:g} journeys a second {row.measure} of “{row.subject}” is {theirs} ms in the "
        f"microservices and {ours} ms in the monolith.{sound}"
    )


def _effect(row: Row, part: Attribution | None) -> Effect:
    known = row.estimate
    framework = None if part is None else part.framework.estimate.ratio
    subject = f"{row.subject} {row.measure}".strip()
    return Effect(subject, known.ratio, known.low, known.high, framework)


def _capacity(run: Run, name: str, claimed: str) -> Answer:
    found = {one.arm: one for one in capacities(run)}
    edges = [_edges(found.get(arm)) for arm in (MONOLITH, MODULITH, MICROSERVICES)]
    ours, between, theirs = edges
    objective = objective_of(run)
    if ours is None or theirs is None:
        return Answer(name, claimed, OPEN, "-", "-", "A search did not come to its end: run again.")
    low, high = theirs[0] / ours[1], theirs[1] / ours[0]
    ratio = theirs[0] / ours[0]
    verdict = HOLDS if high < 1 else REFUTED if low > 1 else OPEN
    framework = None if between is None else between[0] / ours[0]
    cause = "unknown: the run has no modulith" if framework is None else (
        f"framework {times(framework)}, distribution {times(ratio / framework)}"
    )  # fmt: skip
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=verdict,
        effect=f"capacity {times(ratio)} ({low:.2f}-{high:.2f})",
        cause=cause,
        sentence=f"With p{objective.percentile:g} within {objective.limit_ms:g} ms the "
        f"microservices serve {theirs[0]:.3g} journeys a second, the monolith {ours[0]:.3g}.",
        effects=(Effect("capacity", ratio, low, high, framework),),
    )


def _edges(one: Capacity | None) -> tuple[float, float] | None:
    if one is None or one.found is None or one.found.capacity is None:
        return None
    return one.found.capacity, one.found.fails_at or float("inf")


def _hops(run: Run, name: str, claimed: str) -> Answer:
    found = hops(run)
    whole = {one.arm: one.p50 for one in found.calls if one.request == ALL}
    if MICROSERVICES not in whole or not found.sound:
        return Answer(name, claimed, OPEN, "-", "-", "Too few valid trials: run again.")
    level = whole[MICROSERVICES]
    direct = whole.get(MODULITH)
    sure = direct is not None and level.low > direct.high
    cost = found.cpu_per_call
    cpu = "" if cost is None else (
        f" and at most {1000 * cost.value:,.0f} µs of CPU"
    )  # fmt: skip
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=HOLDS if sure else OPEN,
        effect=f"{amount(level.value)} ms a call ({level.low:.2f}-{level.high:.2f})",
        cause="-" if direct is None else f"the same call made directly: {amount(direct.value)} ms",
        sentence=f"A call over HTTP adds {amount(level.value)} ms{cpu}; a journey makes "
        f"{found.calls_per_journey[MICROSERVICES]:.1f} of them.",
    )


def _floors(run: Run, name: str, claimed: str) -> Answer:
    shares = compare_floors(run)
    missed = [f"{share.arm}: {share.page}" for share in shares if not share.reached]
    least = min(shares, key=lambda share: share.cpu_share.ratio)
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=HOLDS if not missed else REFUTED,
        effect=f"at least {least.cpu_share.ratio:.0%} of the bare framework ({least.arm})",
        cause="-",
        sentence="Every arm reaches its goal." if not missed else f"Missed: {', '.join(missed)}.",
    )


CLAIMS: Final = (
    Claim("latency", "every hop adds latency", "latency", _latency),
    Claim("capacity", "split systems serve less on the same cores", "capacity", _capacity),
    Claim("hops", "a call over the network costs more than one in the process", "hops", _hops),
    Claim("floors", "both arms use their frameworks well", "floors", _floors),
    Claim("scalability", "scale just the hot part, cheaper", "scaling", scaling.answer),
    Claim(
        "independence",
        "deploy one service without touching others",
        "deployment",
        deployment.answer,
    ),
    Claim("resilience", "one failure does not take down the rest", "resilience", resilience.answer),
    Claim("consistency", "splitting the data loses something", "consistency", consistency.answer),
    Claim("modularity", "each service has one concern", "modularity", modularity.answer),
    Claim(
        "decentralization",
        "teams own code, data and pace",
        "decentralization",
        decentralization.answer,
    ),
    Claim("polyglotism", "any language, framework and database"),
    Claim("simplicity", "the monolith is simpler to start", "simplicity", simplicity.answer),
)
