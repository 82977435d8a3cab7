"""Independence: whom a deployment of one service disturbs, beside one of the whole monolith."""

from typing import Final

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.deployments import Deployments, deployments
from twinbench.analysis.independence import Independence, components_of, independence
from twinbench.report.judged.answer import BOTH, Answer, Effect, points, undecided
from twinbench.report.words import bounds, times
from twinbench.results.store import Run

_WORDS: Final = {
    "lower": "A new version of one service disturbs fewer customers than one of the monolith",
    "higher": "A new version of one service disturbs more customers than one of the monolith",
    "equivalent": "A new version of one service disturbs as many customers as one of the monolith",
    "inconclusive": "Which disturbs fewer customers, a service's new version or the monolith's, is "
    "not sure yet",
}


def answer(run: Run, name: str, claimed: str) -> Answer:
    found = deployments(run)
    known = independence(run, found, arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        return undecided(run, name, claimed)
    longer = known.longer
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=known.judgement,
        effect=f"disturbed journeys {points(known.disturbed, unit='block')}; a deployment takes "
        f"{times(longer.ratio)} ({bounds(longer)})",
        cause=_cause(run, found),
        sentence=_sentence(known),
        effects=(Effect("time to deploy", longer.ratio, longer.low, longer.high),),
    )


def _cause(run: Run, found: Deployments) -> str:
    parts = components_of(run, BOTH)
    said = [
        f"{found.best[arm].components} of {parts[arm]} components replaced ({arm}, "
        f"{found.best[arm].strategy})"
        for arm in BOTH
    ]
    return "; ".join(said)


def _sentence(known: Independence) -> str:
    gap = known.disturbed
    return (
        f"{_WORDS[gap.verdict]}: {gap.second:.1%} of the journeys begun meanwhile failed or were "
        f"slow in the microservices, {gap.first:.1%} in the monolith."
    )
