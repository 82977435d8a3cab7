"""Figures and findings in words, the same in tables and pictures."""

import math
from typing import Final

from twinbench.analysis.comparison import Row
from twinbench.analysis.ratios import Estimate

_CASES: Final = {
    "hot": "{:g} replicas of the hot part",
    "replicas": "{:g} replicas of all that serves",
    "work": "{:g} candidates a recommendation",
}


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


def span(seconds: float) -> str:
    if not math.isfinite(seconds):
        return "for ever"
    return f"{seconds:.1f} s" if seconds < 60 else f"{seconds / 60:.1f} min"  # noqa: PLR2004


def megabytes(pss_bytes: float) -> str:
    return f"{pss_bytes / 1e6:,.0f} MB" if pss_bytes else "-"


def times(ratio: float) -> str:
    """A factor, with its sign."""
    return f"\N{MULTIPLICATION SIGN}{amount(ratio)}"


def case_of(factor: str, level: float, cores: int) -> str:
    """A level of a factor of `scaling`, on an arm with so many cores."""
    if factor == "cpus":
        cpus = f"{level * cores:g}"
        return f"{cpus} CPU" if cpus == "1" else f"{cpus} CPUs"
    return _CASES.get(factor, f"{factor} {{:g}}").format(level)
