"""How waits are distributed, up to one journey in a thousand."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from twinbench.analysis.blocks import typical
from twinbench.analysis.comparison import Comparison
from twinbench.analysis.levels import positive_level
from twinbench.analysis.samples import Latencies, final_trials, pool, waits_of
from twinbench.report.figures.canvas import (
    Absent,
    Picture,
    columns,
    log_ticks,
    reach,
    sheet,
    styled,
)
from twinbench.report.style import arm_colours
from twinbench.report.words import amount
from twinbench.results.store import Run

NAME: Final = "distribution"
_SHARES: Final = {"p50": 0.5, "p90": 0.1, "p99": 0.01, "p99.9": 0.001}
_TOLD: Final = {"p50": 0.5, "p95": 0.05, "p99": 0.01, "p99.9": 0.001}
_DRAWN: Final = 600  # points of a curve, evenly over its height: more would not show
_PER_ROW: Final = 2


@styled
def distribution(run: Run, comparison: Comparison, rate: float) -> Picture | Absent:
    """The share of journeys that wait longer, on a log scale, at one offered rate."""
    waits = {arm: _pooled(run, arm, rate) for arm in comparison.arms}
    waits = {arm: own for arm, own in waits.items() if own}
    mix = run.document["configuration"].get("mix", {})
    kinds = [kind for kind in mix if any(kind in own for own in waits.values())]
    if not kinds:
        return Absent(NAME, f"no journey ended at {rate:g} journeys a second.")
    finding = _finding(comparison, rate, kinds)
    note = (
        f"At {rate:g} journeys a second, all blocks together. Reading: at the height of p99, one "
        "journey in a hundred waits longer. Dots with bars: p50, p95, p99 and p99.9 over blocks, "
        "with 95 % intervals."
    )
    rows = -(-len(kinds) // _PER_ROW)
    figure = sheet(1.1 + 2.5 * rows, finding=finding, note=note)
    axes = figure.subplots(rows, _PER_ROW, sharex=True, sharey=True, squeeze=False).flatten()
    for axis, kind in zip(axes, kinds, strict=False):
        _draw(axis, kind, {arm: own[kind] for arm, own in waits.items() if kind in own}, comparison)
        _levels(axis, kind, comparison, rate)
    for axis in axes[len(kinds) :]:
        axis.set_visible(False)
    for axis in axes[::_PER_ROW]:
        axis.set_ylabel("share that waits longer")
    for axis in axes[-_PER_ROW:]:
        axis.set_xlabel("wait, ms (log scale)")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _pooled(run: Run, arm: str, rate: float) -> Latencies:
    trials = [trial for trial in final_trials(run) if (trial.arm, trial.rate) == (arm, rate)]
    counted = [trial for trial in trials if trial.valid] or trials
    return pool(waits_of(run, trial).journeys for trial in counted)


def _draw(
    axis: Axes, kind: str, arms: Mapping[str, NDArray[np.float64]], comparison: Comparison
) -> None:
    colours = arm_colours(comparison.arms)
    for arm, seconds in arms.items():
        waits = 1000 * np.sort(seconds)
        beyond = 1 - np.arange(1, len(waits) + 1) / len(waits)
        # Evenly over the log scale of the height, so that the tail keeps every point it has.
        wanted = np.geomspace(1, max(1 / len(waits), 1e-4), _DRAWN)
        drawn = np.unique(np.searchsorted(-beyond, -wanted).clip(0, len(waits) - 1))
        seen = drawn[np.isfinite(waits[drawn]) & (beyond[drawn] > 0)]
        axis.step(waits[seen], beyond[seen], where="post", color=colours[arm], linewidth=1.5)
    axis.set_yscale("log")
    axis.set_ylim(0.0007, 1.1)
    axis.set_yticks(list(_SHARES.values()), [_height(name) for name in _SHARES])
    axis.minorticks_off()
    log_ticks(axis, "x")
    axis.set_title(kind)
    for place, (arm, colour) in enumerate(reversed(colours.items())):
        axis.annotate(
            arm, (0.02, 0.04 + 0.095 * place), xycoords="axes fraction",
            color=colour, fontsize=8.5, weight="bold",
        )  # fmt: skip


def _height(name: str) -> str:
    return f"{name}: {_SHARES[name]:.4g}"


def _levels(axis: Axes, kind: str, comparison: Comparison, rate: float) -> None:
    found = columns(comparison.rows)
    for arm, colour in arm_colours(comparison.arms).items():
        for measure, share in _TOLD.items():
            column = found.get((rate, kind, measure), {}).get(arm)
            if column is None or not np.all(np.isfinite(column)):
                continue
            level = positive_level(column)
            axis.errorbar(
                level.value, share, xerr=reach(level)[0], fmt="o", color=colour, markersize=3.5,
                capsize=2, linewidth=1.1,
            )  # fmt: skip


def _finding(comparison: Comparison, rate: float, kinds: list[str]) -> str:
    """Of the journey that waits longest at the median, what one in twenty waits, or half."""
    own = columns(row for row in comparison.rows if row.rate == rate and row.subject in kinds)
    medians = {s: max(map(typical, a.values())) for (_, s, m), a in own.items() if m == "p50"}
    if not medians:
        return f"How long journeys wait at {rate:g} a second."
    longest = max(medians, key=medians.__getitem__)
    words, arms = next(
        (words, own[rate, longest, measure])
        for measure, words in (("p95", "one in twenty takes"), ("p50", "half take"))
        if (rate, longest, measure) in own
    )
    said = ", ".join(f"{amount(typical(own))} ms ({arm})" for arm, own in arms.items())
    return f"“{longest}” waits longest: {words} more than {said}."
