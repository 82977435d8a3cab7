"""Modularity: whether capabilities, and changes of them, keep to themselves."""

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.concerns import Concerns, concerns
from twinbench.analysis.modularity import Build, modularity
from twinbench.report.judged.answer import Answer, Effect, exactly, points, undecided
from twinbench.results.store import Run


def answer(run: Run, name: str, claimed: str) -> Answer:
    known = concerns(modularity(run), arm=MICROSERVICES, base=MONOLITH)
    if known is None:
        return undecided(run, name, claimed)
    beyond = (
        "no change request was tried"
        if known.beyond is None
        else f"change requests that reach beyond {points(known.beyond, unit='request')}"
    )
    return Answer(
        claim=name,
        claimed=claimed,
        verdict=known.judgement,
        effect=f"{beyond}; pairs that depend {exactly(known.arm.pairs, known.base.pairs)}",
        cause=f"{_ways(known.base)}; {_ways(known.arm)}",
        sentence=_sentence(known),
        effects=_effects(known),
    )


def _ways(build: Build) -> str:
    ways = ", ".join(f"{count} {kind}" for kind, count in build.kinds.items())
    return f"{ways or 'no way'} ({build.name})"


def _sentence(known: Concerns) -> str:
    pairs = (
        f"{known.arm.pairs} pairs of capabilities depend in the microservices and "
        f"{known.base.pairs} in the monolith."
    )
    undeclared = len(known.arm.breaches) + len(known.base.breaches)
    found = f" {undeclared} ways of depending are undeclared." if undeclared else ""
    if known.beyond is None:
        return f"{pairs}{found} ./twinbench run modularity --profile quick tries change requests."
    theirs, ours = known.reaching
    return (
        f"Change requests that change a capability which they are not about: {theirs} of "
        f"{known.requests} in the microservices, {ours} in the monolith. {pairs}{found}"
    )


def _effects(known: Concerns) -> tuple[Effect, ...]:
    effects = []
    if known.base.pairs:
        effects.append(Effect.counted("pairs that depend", known.arm.pairs, known.base.pairs))
    if known.lines is not None:
        lines = known.lines
        effects.append(Effect("lines of a change", lines.ratio, lines.low, lines.high))
    return tuple(effects)
