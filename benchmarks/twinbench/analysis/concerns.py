"""Whether the parts of one build mind their own business more than those of another."""

from collections.abc import Sequence
from dataclasses import dataclass

from twinbench.analysis.gaps import Gap, Tally, gap
from twinbench.analysis.judging import Judgement, counted, judged
from twinbench.analysis.modularity import Build, Modularity, Reach
from twinbench.analysis.ratios import Estimate, estimate, log_ratios


@dataclass(frozen=True, slots=True)
class Concerns:
    """`arm` beside `base`.

    `pairs` of capabilities that depend are counted, and exact. Change requests are a sample of what
    may be asked, each of them a unit: `beyond` is about the share of them that change a capability
    that they are not about; `lines` about the lines of code that one takes, in times of the base's.
    Both are None without change requests.
    """

    arm: Build
    base: Build
    requests: int
    beyond: Gap | None
    lines: Estimate | None

    @property
    def reaching(self) -> tuple[int, int]:
        """How many requests reach beyond what they are about: of the arm, and of the base."""
        if self.beyond is None:
            return 0, 0
        return round(self.requests * self.beyond.second), round(self.requests * self.beyond.first)

    @property
    def judgement(self) -> Judgement:
        """Of the claim that less hangs together."""
        verdict = None if self.beyond is None else self.beyond.verdict
        return judged([counted(self.base.pairs, self.arm.pairs), verdict], claimed="lower")


def concerns(found: Modularity, *, arm: str, base: str) -> Concerns | None:
    """None where a build is missing."""
    builds = {build.name: build for build in found.builds}
    if not {arm, base} <= builds.keys():
        return None
    ours, theirs = ({r.request: r for r in found.reaches if r.build == one} for one in (base, arm))
    shared = [request for request in ours if request in theirs]
    first, second = ([own[request] for request in shared] for own in (ours, theirs))
    return Concerns(
        arm=builds[arm],
        base=builds[base],
        requests=len(shared),
        beyond=gap(_beyond(first), _beyond(second)) if shared else None,
        lines=_lines(first, second) if shared else None,
    )


def _beyond(reaches: Sequence[Reach]) -> list[Tally]:
    return [Tally(int(bool(one.beside)), 1) for one in reaches]


def _lines(first: Sequence[Reach], second: Sequence[Reach]) -> Estimate | None:
    """None where a build needs no line for some request: that has no ratio."""
    ours, theirs = ([float(one.code_lines) for one in own] for own in (first, second))
    return estimate(log_ratios(theirs, ours)) if min(*ours, *theirs) > 0 else None
