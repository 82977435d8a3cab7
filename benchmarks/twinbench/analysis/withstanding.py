"""What an arm keeps serving while something has failed, beside another arm, over all faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from twinbench.analysis.gaps import Gap, Tally, gap
from twinbench.analysis.judging import Judgement, judged
from twinbench.analysis.overloads import OVERLOAD, PEAK
from twinbench.analysis.resilience import BASELINE, Resilience
from twinbench.analysis.struck import ALL

# A rate is not a failure of a part.
_NO_FAULTS: Final = frozenset({BASELINE, PEAK, OVERLOAD})


@dataclass(frozen=True, slots=True)
class Withstood:
    """Share of the journeys that came while a fault held and succeeded, `arm` beside `base`.

    Over the `faults` of which both have a valid trial, each counting alike: they are the units, a
    sample of what may fail.
    """

    arm: str
    base: str
    faults: tuple[str, ...]
    succeeded: Gap

    @property
    def judgement(self) -> Judgement:
        """Of the claim that more is kept."""
        return judged([self.succeeded.verdict], claimed="higher")


def withstood(found: Resilience, *, arm: str, base: str) -> Withstood | None:
    """None where the arms share no fault."""
    ours, theirs = (_tallies(found, one) for one in (base, arm))
    faults = tuple(fault for fault in found.faults if fault in ours and fault in theirs)
    if not faults:
        return None
    succeeded = gap([ours[fault] for fault in faults], [theirs[fault] for fault in faults])
    return Withstood(arm, base, faults, succeeded)


def _tallies(found: Resilience, arm: str) -> Mapping[str, Tally]:
    return {
        cell.fault: Tally(round(cell.success * cell.journeys), cell.journeys)
        for cell in found.cells
        if cell.arm == arm and cell.journey == ALL and cell.fault not in _NO_FAULTS
    }
