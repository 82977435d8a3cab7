"""What part of a ratio is the framework's, and what part the distribution's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from twinbench.analysis.blocks import Measure, Stage, Unit, Unjudged
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.verdicts import Verdict, verdicts

MONOLITH: Final = "monolith"
MODULITH: Final = "modulith"
MICROSERVICES: Final = "microservices"

Cause = Literal["framework", "distribution", "total"]
# The modulith is the services' own code in one process: from the monolith to it the framework
# changes, from it to the microservices the distribution.
CAUSES: Final[dict[Cause, tuple[str, str]]] = {
    "framework": (MODULITH, MONOLITH),
    "distribution": (MICROSERVICES, MODULITH),
    "total": (MICROSERVICES, MONOLITH),
}


@dataclass(frozen=True, slots=True)
class Factor:
    """One cause, as a ratio; `verdict` is None where `unjudged` says why."""

    estimate: Estimate
    unjudged: Unjudged | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Attribution:
    """One figure's ratio of microservices to monolith, taken apart: framework x distribution.

    All three are over the same blocks, so the factors' logs add up to the total's in every block
    and the factors multiply to the total. `product` is theirs.
    """

    rate: float
    subject: str
    measure: str
    unit: Unit
    framework: Factor
    distribution: Factor
    total: Factor

    @property
    def product(self) -> float:
        return self.framework.estimate.ratio * self.distribution.estimate.ratio

    @property
    def adds_up(self) -> bool:
        """Whether the product lies in the total's interval."""
        return self.total.estimate.low <= self.product <= self.total.estimate.high


def attribute(found: Sequence[Stage]) -> list[Attribution]:
    """Every figure of every rate that has all three arms; single requests are left out.

    Verdicts are adjusted over all factors and totals returned.
    """
    places = [
        (stage, measure)
        for stage in found
        if {MONOLITH, MODULITH, MICROSERVICES} <= set(stage.arms)
        for measure in stage.columns
        if measure.kind != "request"
    ]
    factors = iter(_judged([_factor(*place, cause) for place in places for cause in CAUSES]))
    return [
        Attribution(
            stage.rate,
            measure.subject,
            measure.name,
            measure.unit,
            **{cause: next(factors) for cause in CAUSES},
        )
        for stage, measure in places
    ]


def _factor(stage: Stage, measure: Measure, cause: Cause) -> Factor:
    above, below = (stage.columns[measure][arm] for arm in CAUSES[cause])
    verdict: Verdict | None = None if stage.unjudged else "inconclusive"
    return Factor(estimate(log_ratios(above, below)), stage.unjudged, verdict)


def _judged(factors: Sequence[Factor]) -> list[Factor]:
    judged = iter(verdicts([factor.estimate for factor in factors if factor.verdict is not None]))
    return [
        factor if factor.verdict is None else replace(factor, verdict=next(judged))
        for factor in factors
    ]
