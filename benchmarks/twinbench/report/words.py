"""Figures and findings in words, the same in tables and pictures."""

import math

from twinbench.analysis.comparison import Row
from twinbench.analysis.ratios import Estimate


def amount(value: float) -> str:
    """Three significant digits, never in scientific notation."""
    if not math.isfinite(value):
        return "never"
    if value >= 100:  # noqa: PLR2004
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004


def interval(row: Row) -> str:
    """The interval of the ratio: `1.48-1.77`."""
    return bounds(row.estimate)


def bounds(estimate: Estimate) -> str:
    if not math.isfinite(estimate.high):
        return "one block" if estimate.blocks == 1 else "unbounded"
    return f"{estimate.low:.2f}-{estimate.high:.2f}"


def finding(row: Row) -> str:
    """What may be said of the second arm against the base."""
    return row.verdict or row.unjudged or ""


def megabytes(pss_bytes: float) -> str:
    return f"{pss_bytes / 1e6:,.0f} MB" if pss_bytes else "-"


def times(ratio: float) -> str:
    """A factor, with its sign."""
    return f"\N{MULTIPLICATION SIGN}{amount(ratio)}"
