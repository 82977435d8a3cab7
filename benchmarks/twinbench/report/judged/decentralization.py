"""Decentralization: whether a capability has its data to itself, and is sooner with customers."""

from twinbench.analysis.attribution import MICROSERVICES, MODULITH, MONOLITH
from twinbench.analysis.autonomy import Autonomy, autonomy, soonest
from twinbench.analysis.decentralization import Decentralization, decentralization
from twinbench.report.judged.answer import Answer, Effect, exactly, undecided
from twinbench.report.words import amount, bounds, times
from twinbench.results.store import Run


def answer(run: Run, name: str, claimed: str) -> Answer:
    found = decentralization(run)
    known = autonomy(run, found, arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        return undecided(run, name, claimed)
    framework = autonomy(run, found, arm=MODULITH, base=MONOLITH)
    pace, tables = known.pace, exactly(known.arm.most_others, known.base.most_others)
    part = None if framework is None else framework.pace.ratio
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=known.judgement,
        effect=f"from edited to served {times(pace.ratio)} ({bounds(pace)}); others' tables that "
        f"its code can read {tables}",
        cause=_cause(run, found, part),
        sentence=f"{_pace(found)}{_price(found)}{_sure(known)}",
        effects=(Effect("edited to served", pace.ratio, pace.low, pace.high, part),),
    )


def _cause(run: Run, found: Decentralization, framework: float | None) -> str:
    distribution = autonomy(run, found, arm=MICROSERVICES, base=MODULITH)
    if framework is None or distribution is None:
        return "unknown: the run has no modulith"
    return f"framework {times(framework)}, distribution {times(distribution.pace.ratio)}"


def _pace(found: Decentralization) -> str:
    by_arm = {one.arm: one for one in found.typical}
    ours, theirs = by_arm[MONOLITH], by_arm[MICROSERVICES]
    return (
        f"At the median capability an edited line is served after {amount(theirs.whole_s)} s in "
        f"the microservices and {amount(ours.whole_s)} s in the monolith."
    )


def _price(found: Decentralization) -> str:
    ours, theirs = soonest(found, MONOLITH), soonest(found, MICROSERVICES)
    if ours is None or theirs is None:
        return ""
    return (
        f" The price is a report over all: {theirs.way} takes {theirs.lines} lines and "
        f"{amount(theirs.ms)} ms, the monolith's {ours.way} {ours.lines} and {amount(ours.ms)} ms."
    )


def _sure(known: Autonomy) -> str:
    return " One block says nothing of how sure that is." if known.pace.blocks == 1 else ""
