"""Simplicity: what it takes to begin, of which the monolith claims to take less."""

from twinbench.analysis.attribution import MICROSERVICES, MODULITH, MONOLITH
from twinbench.analysis.beginnings import Beginning, More, beginning, last_price, ratio
from twinbench.analysis.simplicity import Simplicity, simplicity, whole
from twinbench.report.judged.answer import Answer, Effect, exactly, undecided
from twinbench.report.words import amount, bounds, times
from twinbench.results.store import Run

_MEMORY = "memory_bytes"


def answer(run: Run, name: str, claimed: str) -> Answer:
    known = beginning(run, arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        return undecided(run, name, claimed)
    measured = [
        f"{one.known.words} {times(one.estimate.ratio)} ({bounds(one.estimate)})"
        for one in known.measured
    ]
    steps = f"steps by hand {exactly(known.steps, known.base_steps)}"
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=known.judgement,
        effect="; ".join([steps, *measured]),
        cause=_cause(run),
        sentence=_sentence(known, simplicity(run)),
        effects=(
            Effect.counted("steps by hand", known.steps, known.base_steps),
            *(_effect(run, one) for one in known.measured),
        ),
    )


def _effect(run: Run, one: More) -> Effect:
    part = ratio(whole(run, one.known.name), MODULITH, MONOLITH)
    known = one.estimate
    framework = None if part is None else part.ratio
    return Effect(one.known.words, known.ratio, known.low, known.high, framework)


def _cause(run: Run) -> str:
    """Of memory, which every run has."""
    memory = whole(run, _MEMORY)
    framework = ratio(memory, MODULITH, MONOLITH)
    distribution = ratio(memory, MICROSERVICES, MODULITH)
    if framework is None or distribution is None:
        return "unknown: the run has no modulith"
    return f"memory: framework {times(framework.ratio)}, distribution {times(distribution.ratio)}"


def _sentence(known: Beginning, found: Simplicity) -> str:
    begun = (
        f"By hand the microservices take {known.steps} steps to stand, the monolith "
        f"{known.base_steps}."
    )
    split = last_price(found, _MEMORY)
    if split is None:
        return begun
    processes, price = split
    return f"{begun} Beyond {processes} processes of the same code each holds {amount(price)} MB."
