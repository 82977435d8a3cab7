"""Resilience: what is kept while something has failed."""

from twinbench.analysis.attribution import MICROSERVICES, MODULITH, MONOLITH
from twinbench.analysis.resilience import Resilience, resilience
from twinbench.analysis.withstanding import withstood
from twinbench.report.judged.answer import Answer, points, undecided
from twinbench.results.store import Run


def answer(run: Run, name: str, claimed: str) -> Answer:
    found = resilience(run)
    known = withstood(found, arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        return undecided(run, name, claimed)
    gap, count = known.succeeded, len(known.faults)
    held = known.faults[0] if count == 1 else f"one of {count} faults"
    broken = sum(one.asked - one.kept for one in found.promises if one.arm == MICROSERVICES)
    promises = f" {broken} promises of the contract were broken." if broken else ""
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=known.judgement,
        effect=f"journeys that succeed under a fault {points(gap, unit='fault')}",
        cause=_cause(found),
        sentence=f"While {held} held, {gap.second:.0%} of the journeys succeeded in "
        f"the microservices and {gap.first:.0%} in the monolith.{promises}",
    )


def _cause(found: Resilience) -> str:
    """Differences add up, where the modulith met the same faults."""
    framework = withstood(found, arm=MODULITH, base=MONOLITH)
    distribution = withstood(found, arm=MICROSERVICES, base=MODULITH)
    if framework is None or distribution is None:
        return "unknown: the run has no modulith"
    return (
        f"framework {100 * framework.succeeded.value:+.0f} points, "
        f"distribution {100 * distribution.succeeded.value:+.0f} points"
    )
