"""What may be said of a ratio, given all others in the same table."""

from collections.abc import Sequence
from typing import Literal

from twinbench.analysis.ratios import Estimate

Verdict = Literal["lower", "higher", "equivalent", "inconclusive"]


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values in the order given (Holm 1979): the chance of any false one is kept."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    floor = 0.0
    for rank, position in enumerate(order):
        floor = max(floor, min(1.0, (len(p_values) - rank) * p_values[position]))
        adjusted[position] = floor
    return adjusted


def verdicts(estimates: Sequence[Estimate], *, level: float = 0.05) -> list[Verdict]:
    """One verdict per row of a table, each family of tests adjusted over its rows.

    `equivalent` comes first: a difference that is sure but within the margin does not matter.
    """
    equivalent = holm([estimate.p_equivalent for estimate in estimates])
    different = holm([estimate.p_different for estimate in estimates])
    return [
        _verdict(estimate, equivalent=same < level, different=apart < level)
        for estimate, same, apart in zip(estimates, equivalent, different, strict=True)
    ]


def _verdict(estimate: Estimate, *, equivalent: bool, different: bool) -> Verdict:
    if equivalent:
        return "equivalent"
    if not different:
        return "inconclusive"
    return "lower" if estimate.ratio < 1 else "higher"
