"""Scalability: what is served for the same CPUs and memory when the hot part is scaled."""

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.costs import Worth, reach_of, worth
from twinbench.analysis.scaling import Scaling, scaling
from twinbench.report.judged.answer import Answer, Effect, undecided
from twinbench.report.words import bounds, case_of, times
from twinbench.results.store import Run


def answer(run: Run, name: str, claimed: str) -> Answer:
    found = scaling(run)
    known = worth(found, arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        return undecided(run, name, claimed)
    per_cpu, per_gb = known.per_cpu, known.per_gb
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=known.judgement,
        effect=f"capacity per CPU {times(per_cpu.ratio)} ({bounds(per_cpu)}), "
        f"per GB {times(per_gb.ratio)} ({bounds(per_gb)})",
        cause=_cause(found, known),
        sentence=_sentence(found, known),
        effects=(
            Effect("capacity per CPU", per_cpu.ratio, per_cpu.low, per_cpu.high),
            Effect("capacity per GB", per_gb.ratio, per_gb.low, per_gb.high),
        ),
    )


def _cause(found: Scaling, known: Worth) -> str:
    ours, theirs = (
        reach_of(found, (known.factor, known.level), arm) for arm in (MONOLITH, MICROSERVICES)
    )
    return (
        f"CPU per journey {times(theirs.cpu_ms / ours.cpu_ms)}, "
        f"memory {times(theirs.memory_bytes / ours.memory_bytes)}"
    )


def _sentence(found: Scaling, known: Worth) -> str:
    case = case_of(known.factor, known.level, found.cores)
    if not known.hot:
        return (
            f"This run scaled no hot part by itself (with {case} the figures are as told): "
            "./twinbench run scaling --profile standard does."
        )
    more = {
        "holds": "serve more for the same CPUs and memory than",
        "refuted": "serve no more for the same CPUs and memory than",
        "open": "are not surely the cheaper ones beside",
    }[known.judgement]
    return f"With {case} the microservices {more} the monolith."
