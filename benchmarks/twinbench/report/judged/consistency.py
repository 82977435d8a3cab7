"""Consistency: what is lost, or late, where the data are split."""

from typing import Final

from twinbench.analysis.agreement import Agreement, Later, agreement
from twinbench.analysis.attribution import MICROSERVICES, MODULITH, MONOLITH
from twinbench.analysis.consistency import Consistency, consistency
from twinbench.report.judged.answer import BOTH, Answer, Effect, undecided
from twinbench.report.words import bounds, times
from twinbench.results.store import Run

_LOAD: Final = "load"
_WHEN: Final = {"idle": "with nothing else to do", _LOAD: "under load"}


def answer(run: Run, name: str, claimed: str) -> Answer:
    found = consistency(run)
    if not set(BOTH) <= set(found.arms):
        return undecided(run, name, claimed)
    known = agreement(run, found, arm=MICROSERVICES, base=MONOLITH)
    headline = _headline(known)
    if headline is None:
        return undecided(run, name, claimed)
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=known.judgement,
        effect=f"effects seen {times(headline.estimate.ratio)} as late "
        f"{_WHEN[headline.part]} ({bounds(headline.estimate)})",
        cause=_cause(run, found, headline.part),
        sentence=_sentence(known),
        effects=tuple(
            Effect(f"window, {one.part}", one.estimate.ratio, one.estimate.low, one.estimate.high)
            for one in known.later
        ),
    )


def _headline(known: Agreement) -> Later | None:
    """Under load, where there was one."""
    return max(known.later, key=lambda one: one.part == _LOAD, default=None)


def _cause(run: Run, found: Consistency, part: str) -> str:
    if MODULITH not in found.arms:
        return "unknown: the run has no modulith"
    ratios = []
    for arm, base in ((MODULITH, MONOLITH), (MICROSERVICES, MODULITH)):
        later = agreement(run, found, arm=arm, base=base).later
        ratios += [one.estimate.ratio for one in later if one.part == part]
    if len(ratios) < len((MONOLITH, MODULITH)):
        return "unknown: the modulith shows no such effect"
    return f"framework {times(ratios[0])}, distribution {times(ratios[1])}"


def _sentence(known: Agreement) -> str:
    wrong = known.wrong
    lost = (
        f"Of {wrong.due:,} effects that were due none was lost or doubled (95 %: at most "
        f"{wrong.high:.1%})"
        if not wrong.count
        else f"{wrong.count} of {wrong.due:,} effects that were due went wrong, lost or doubled,"
    )
    also = f"; in the monolith {known.base_wrong.count} of {known.base_wrong.due:,}."
    sound = "" if known.sound else " Too few valid trials under load: windows support no verdict."
    return f"{lost} in the microservices{also}{sound}"
