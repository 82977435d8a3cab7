"""Waiting time against offered rate, up to past the knee, as one picture."""

from collections.abc import Container, Sequence
from pathlib import Path
from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator

from twinbench.analysis.comparison import Comparison, Row
from twinbench.report.figures import save, style
from twinbench.report.style import arm_colours

FEWEST_RATES: Final = 3
_Line = Literal[":", "-", "--", "-."]
_MEASURES: Final[dict[str, tuple[_Line, str]]] = {
    "p50": (":", "o"),
    "p95": ("-", "s"),
    "p99": ("--", "D"),
    "p99.9": ("-.", "^"),
}


def draw_sweep(comparison: Comparison, paths: Sequence[Path]) -> None:
    """A panel per journey: every percentile over the offered rate, one colour per arm.

    Lines are geometric means over blocks, dots single blocks; a line ends where requests no longer
    did. Writes to every path, in the format of its suffix. Raises OSError.
    """
    rows = [row for row in comparison.rows if row.kind == "journey"]
    journeys = list(dict.fromkeys(row.subject for row in rows))
    with style():
        figure = Figure(figsize=(12, 4.2), layout="constrained")
        axes = figure.subplots(1, len(journeys), sharex=True, sharey=True, squeeze=False)[0]
        for axis, journey in zip(axes, journeys, strict=True):
            _draw_journey(axis, comparison, [row for row in rows if row.subject == journey])
            axis.set_title(journey)
        axes[0].set_ylabel("wait, ms (log scale)")
        drawn = {row.measure for row in rows}
        figure.legend(handles=_handles(comparison, drawn), loc="outside right center")
        figure.suptitle("How waiting grows with the offered rate", x=0.01, ha="left", weight="bold")
        save(figure, paths)


def _draw_journey(axis: Axes, comparison: Comparison, rows: Sequence[Row]) -> None:
    for arm, colour in arm_colours(comparison.arms).items():
        for measure, (line, marker) in _MEASURES.items():
            own = {row.rate: row for row in rows if row.measure == measure and arm in row.figures}
            if not own:
                continue
            typical = [row.typical[arm] for row in own.values()]
            axis.plot(
                list(own), [value if np.isfinite(value) else np.nan for value in typical],
                line, color=colour, linewidth=1.5,
            )  # fmt: skip
            for rate, row in own.items():
                blocks = [value for value in row.figures[arm] if np.isfinite(value)]
                axis.plot(
                    [rate] * len(blocks), blocks, marker, color=colour, markersize=2.5, alpha=0.5
                )
    axis.set_yscale("log")
    axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.yaxis.set_minor_formatter("")
    axis.set_xlabel("journeys per second")


def _handles(comparison: Comparison, drawn: Container[str]) -> list[Line2D]:
    """Colours stand for arms, line styles for percentiles."""
    arms = arm_colours(comparison.arms).items()
    return [
        *(Line2D([], [], color=colour, linewidth=4, label=arm) for arm, colour in arms),
        *(
            Line2D([], [], color="#333333", linestyle=line, marker=marker, label=measure)
            for measure, (line, marker) in _MEASURES.items()
            if measure in drawn
        ),
    ]
