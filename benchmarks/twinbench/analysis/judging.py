"""What becomes of a claim, given what may be said of the figures that it rests on."""

from collections.abc import Sequence
from typing import Literal

from twinbench.analysis.verdicts import Verdict

Judgement = Literal["holds", "refuted", "open"]


def judged(verdicts: Sequence[Verdict | None], *, claimed: Literal["lower", "higher"]) -> Judgement:
    """Of a claim that the figures are `claimed`; None is one of which nothing may be said.

    Open while anything is unknown, or where some are lower and others higher. Then the claim holds
    if at least one is as claimed; where all are equivalent it is refuted, for there is no
    difference that matters.
    """
    known = set(verdicts)
    unsure = not known or bool(known & {None, "inconclusive"})
    if unsure or {"lower", "higher"} <= known:
        return "open"
    return "holds" if claimed in known else "refuted"


def counted(first: float, second: float) -> Verdict:
    """Of two exact counts, what the second is: there is no chance in them, so no interval."""
    if second == first:
        return "equivalent"
    return "lower" if second < first else "higher"
