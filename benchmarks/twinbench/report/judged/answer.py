"""What an answer to a claim is made of."""

from dataclasses import dataclass
from typing import Final, Self

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
    """A ratio of microservices to monolith; `framework` is that part of it, where it is known.

    An `exact` one is of two counts: chance has no part in it, and its interval is itself.
    """

    subject: str
    ratio: float
    low: float
    high: float
    framework: float | None = None
    exact: bool = False

    @classmethod
    def counted(cls, subject: str, count: float, base: float) -> Self:
        """Raises ZeroDivisionError for a base of none."""
        ratio = count / base
        return cls(subject, ratio, ratio, ratio, exact=True)

    @property
    def sure(self) -> bool:
        """Whether there is a difference that chance explains badly."""
        return self.ratio != 1 if self.exact else not self.low <= 1 <= self.high


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


def exactly(count: float, base: float) -> str:
    """What was counted beside what was counted in the base."""
    return f"{count:g} against {base:g} (exact count, no interval)"
