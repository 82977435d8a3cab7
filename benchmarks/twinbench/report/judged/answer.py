"""What an answer to a claim is made of."""

from dataclasses import dataclass
from typing import Final

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.gaps import Gap
from twinbench.results.store import Run

HOLDS: Final = "holds"
REFUTED: Final = "refuted"
OPEN: Final = "open"
MISSING: Final = "not measured"

BOTH: Final = (MONOLITH, MICROSERVICES)
_NOT_BOTH: Final = "The run does not hold both monolith and microservices."
_TOO_FEW: Final = "Too few valid trials: run again on a quieter machine."


@dataclass(frozen=True, slots=True)
class Effect:
    """A ratio of microservices to monolith; `framework` is that part of it, where it is known."""

    subject: str
    ratio: float
    low: float
    high: float
    framework: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One claim: what is claimed, what was found, how surely, and why."""

    claim: str
    claimed: str
    verdict: str
    effect: str
    cause: str
    sentence: str
    effects: tuple[Effect, ...] = ()


def undecided(run: Run, name: str, claimed: str) -> Answer:
    """Of a run that lacks an arm of the question, or every valid trial of one."""
    there = set(BOTH) <= set(run.document["configuration"]["arms"])
    return Answer(name, claimed, OPEN, "-", "-", _TOO_FEW if there else _NOT_BOTH)


def points(gap: Gap, *, unit: str) -> str:
    """A difference of shares with its interval, in percentage points; over so many units."""
    edges = f"one {unit}" if gap.units == 1 else f"{100 * gap.low:+.0f} to {100 * gap.high:+.0f}"
    return f"{100 * gap.value:+.0f} points ({edges})"
