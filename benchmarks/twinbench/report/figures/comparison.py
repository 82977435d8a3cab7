"""The comparison as one picture."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator
from numpy.typing import NDArray

from twinbench.analysis.comparison import Comparison, Row
from twinbench.analysis.samples import Latencies, final_trials, pool, waits_of
from twinbench.report.figures.canvas import save, style
from twinbench.report.style import arm_colours
from twinbench.report.words import amount
from twinbench.results.store import Run

_INK: Final = "#333333"
_RATE_MARKERS: Final = ("o", "s", "D", "^", "v", "P", "X")
_WIDE_BARS: Final = 6  # with more of them, their figures need smaller print
_DRAWN_POINTS: Final = 2000  # of a distribution: more would not show, and fill the file


def draw_comparison(run: Run, comparison: Comparison, paths: Sequence[Path]) -> None:
    """Draw waits per journey at the headline rate, CPU per transaction, and the ratios that carry
    verdicts; rates that only draw the curve of waits are left to the picture of that.

    Writes the same picture to every path, in the format of its suffix. Raises OSError.
    """
    rate = comparison.headline_rate
    waits = _waits(run, comparison, rate)
    everywhere = set.intersection(*(set(own) for own in waits.values()))
    journeys = [kind for kind in run.document["configuration"]["mix"] if kind in everywhere]
    with style():
        figure = Figure(figsize=(12, 7.6), layout="constrained")
        top, bottom = figure.subfigures(2, 1, squeeze=False, height_ratios=[1, 1.15])[:, 0]
        axes = top.subplots(1, len(journeys), sharey=True, squeeze=False)[0]
        for axis, kind in zip(axes, journeys, strict=True):
            _draw_waits(axis, kind, {arm: own[kind] for arm, own in waits.items()})
        axes[0].set_ylabel("share of journeys done")
        _legend(top, comparison.arms)
        top.suptitle(
            _headline(rate, comparison), x=0.01, ha="left", weight="bold",
            color="black" if comparison.sound else "#B00020",
        )  # fmt: skip
        work, ratios = bottom.subplots(1, 2, width_ratios=[1, 1.7])
        _draw_work(work, comparison)
        _draw_ratios(ratios, comparison)
        save(figure, paths)


def _headline(rate: float, comparison: Comparison) -> str:
    headline = f"How long customers wait at {rate:g} journeys per second, per journey"
    return headline if comparison.sound else f"{headline} (void: the machine was disturbed)"


def _waits(run: Run, comparison: Comparison, rate: float) -> dict[str, Latencies]:
    trials = [trial for trial in final_trials(run) if trial.rate == rate]
    present = {trial.arm for trial in trials}
    return {
        arm: pool(waits_of(run, trial).journeys for trial in trials if trial.arm == arm)
        for arm in comparison.arms
        if arm in present
    }


def _draw_waits(axis: Axes, kind: str, arms: Mapping[str, NDArray[np.float64]]) -> None:
    """Empirical distribution per arm, in milliseconds on a log scale, with the medians."""
    colours = arm_colours(list(arms))
    for side, (arm, seconds) in enumerate(arms.items()):
        colour = colours[arm]
        waits = np.sort(seconds[np.isfinite(seconds)]) * 1000
        if not len(waits):
            continue
        shares = np.arange(1, len(waits) + 1) / len(seconds)
        drawn = np.unique(np.linspace(0, len(waits) - 1, _DRAWN_POINTS).astype(int))
        axis.step(waits[drawn], shares[drawn], where="post", color=colour, linewidth=1.8, label=arm)
        median = float(np.median(waits))
        axis.plot(median, 0.5, "o", color=colour, markersize=5)
        axis.annotate(
            amount(median), (median, 0.5), xytext=(6, -3 - 11 * side), color=colour,
            textcoords="offset points", fontsize=9, va="top",
        )  # fmt: skip
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.xaxis.set_minor_formatter("")
    axis.set_ylim(0, 1.02)
    axis.set_title(kind)
    axis.set_xlabel("ms (log scale)")


def _legend(figure: SubFigure, arms: Sequence[str]) -> None:
    handles = [
        Line2D([], [], color=colour, linewidth=4, label=arm)
        for arm, colour in arm_colours(arms).items()
    ]
    figure.legend(handles=handles, loc="upper right", ncols=len(arms), frameon=False)


def _judged_rates(comparison: Comparison) -> list[float]:
    return sorted({row.rate for row in comparison.rows if row.unjudged != "curve"})


def _draw_work(axis: Axes, comparison: Comparison) -> None:
    """Bars of typical CPU per transaction at each rate, a dot for every block."""
    rates = _judged_rates(comparison)
    figures = {
        (row.rate, arm): (row.typical[arm], row.figures[arm])
        for row in comparison.rows
        if row.unit == "CPU-ms"
        for arm in (row.first, row.second)
    }
    width = 0.8 / len(comparison.arms)
    for side, (arm, colour) in enumerate(arm_colours(comparison.arms).items()):
        for position, rate in enumerate(rates):
            height, blocks = figures.get((rate, arm), (np.nan, ()))
            if not np.isfinite(height):
                continue
            x = position + (side - (len(comparison.arms) - 1) / 2) * width
            axis.bar(x, height, width * 0.92, color=colour, alpha=0.85)
            jitter = np.linspace(-0.2, 0.2, len(blocks)) * width
            axis.plot(x + jitter, blocks, "o", color="black", markersize=3, alpha=0.6)
            axis.annotate(
                amount(height), (x, max(*blocks, height)), xytext=(0, 4),
                textcoords="offset points", ha="center", color=colour, weight="bold",
                fontsize=10 if len(comparison.arms) * len(rates) <= _WIDE_BARS else 7,
            )  # fmt: skip
    axis.set_xticks(range(len(rates)), [f"{rate:g}" for rate in rates])
    axis.set_xlabel("journeys per second")
    axis.grid(axis="x", visible=False)
    axis.set_ylabel("CPU-ms per transaction")
    axis.set_title("Processor time for one journey\n(dots: blocks)")


def _draw_ratios(axis: Axes, comparison: Comparison) -> None:
    """Every ratio with its interval on a log scale, rates apart by marker; 1 is no difference."""
    rates = _judged_rates(comparison)
    rows = [row for row in comparison.rows if row.rate in rates]
    # The highest rate has rows of every subject.
    by_rate = sorted(rows, key=lambda row: row.rate != rates[-1])
    subjects = list(dict.fromkeys(row.subject for row in by_rate))
    ordered = sorted(rows, key=lambda row: (subjects.index(row.subject), row.measure))
    labels = list(dict.fromkeys(_label(row) for row in ordered))
    colours = arm_colours(comparison.arms)
    others = [arm for arm in comparison.arms if arm != comparison.base]
    lanes = [(arm, rate) for arm in others for rate in rates]
    for row in rows:
        lane = lanes.index((row.second, row.rate))
        y = labels.index(_label(row)) + (lane - (len(lanes) - 1) / 2) * 0.7 / len(lanes)
        _draw_ratio(axis, row, y, rates.index(row.rate), colours[row.second])
    axis.axvline(1.0, color="black", linewidth=1)
    axis.set_xscale("log")
    axis.xaxis.set_major_locator(LogLocator(subs=(1.0, 1.5, 2.0, 3.0, 5.0, 7.0)))
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}\N{MULTIPLICATION SIGN}")
    axis.xaxis.set_minor_formatter("")
    axis.set_yticks(range(len(labels)), labels)
    axis.set_ylim(len(labels) - 0.5, -0.5)
    axis.set_xlabel("ratio, with 95 % interval (log scale); left is better")
    axis.set_title(f"What {' and '.join(others)} take, in times of the {comparison.base}")
    handles = [
        Line2D(
            [], [], color=_INK, linestyle="", label=f"{rate:g} journeys/s",
            marker=_RATE_MARKERS[index % len(_RATE_MARKERS)],
            markerfacecolor="white" if index % 2 == 0 else _INK,
        )
        for index, rate in enumerate(rates)
    ]  # fmt: skip
    axis.legend(handles=handles, loc="best", fontsize=9)


def _draw_ratio(axis: Axes, row: Row, y: float, rate: int, colour: str) -> None:
    if not np.isfinite(row.estimate.ratio):
        return
    low, high = (
        abs(row.estimate.ratio - edge) if np.isfinite(row.estimate.high) else 0.0
        for edge in (row.estimate.low, row.estimate.high)
    )  # fmt: skip
    axis.errorbar(
        row.estimate.ratio, y, xerr=[[low], [high]], color=colour if row.verdict else "0.6",
        fmt=_RATE_MARKERS[rate % len(_RATE_MARKERS)], markersize=4, capsize=2, linewidth=1.1,
        markerfacecolor="white" if rate % 2 == 0 else None,
    )  # fmt: skip


def _label(row: Row) -> str:
    return f"{row.subject} {row.measure}".strip()
