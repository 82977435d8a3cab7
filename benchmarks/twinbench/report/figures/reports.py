"""What one report over all capabilities takes, and how old its news is."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.autonomy import soonest
from twinbench.analysis.decentralization import Decentralization, Reported
from twinbench.report.figures.canvas import Absent, Picture, log_ticks, name_arms, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount, times
from twinbench.results.store import Run

NAME: Final = "report-over-all"
_PANELS: Final = {
    "ms": "until the report is there, ms (log scale)",
    "stale_ms": "until an order is in it, ms (log scale)",
}
_SPREAD: Final = 0.22  # up and down, of repetitions that would lie on each other
_LEAST_MS: Final = 0.01


@styled
def report_over_all(run: Run, found: Decentralization) -> Picture | Absent:
    """A row for each way to the report: its time, and for how long an order is missing in it."""
    if not found.reported:
        return Absent(NAME, "no arm of this run was asked for a report over all.")
    finding = _finding(found)
    note = (
        "The same report of the same orders, by every way: units and amounts by category, month "
        "and customer's name. Dots: repetitions; strokes: their medians. Right: from the answer to "
        "an order until the first report that has it, so the report's own time is in it. Lines: "
        "code that was written for it, in services too; requests: made for one report."
    )
    figure = sheet(2.0 + 0.62 * len(found.reported), finding=finding, note=note)
    axes = figure.subplots(1, len(_PANELS), sharey=True)
    rows = run.tables["reports"].to_pylist()
    for axis, (column, title) in zip(axes, _PANELS.items(), strict=True):
        _draw(axis, found, rows, column)
        axis.set_xlabel(title)
    axes[0].set_yticks(range(len(found.reported)), [_label(one) for one in found.reported])
    axes[0].set_ylim(len(found.reported) - 0.5, -0.5)
    name_arms(axes[0], list(dict.fromkeys(one.arm for one in found.reported)), above=6)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _label(one: Reported) -> str:
    many = "request" if one.requests == 1 else "requests"
    return f"{one.way}\n{one.lines} lines, {one.requests:g} {many}"


def _draw(axis: Axes, found: Decentralization, rows: Sequence[dict[str, Any]], column: str) -> None:
    colours = arm_colours(found.arms)
    for y, one in enumerate(found.reported):
        own = [
            max(row[column], _LEAST_MS)
            for row in rows
            if (row["arm"], row["way"]) == (one.arm, one.way)
        ]
        lanes = y + np.linspace(-_SPREAD, _SPREAD, len(own)) if len(own) > 1 else [y]
        axis.plot(own, lanes, ".", color=colours[one.arm], alpha=0.55, markersize=5)
        middle = float(np.median(own))
        axis.plot(middle, y, "|", color=colours[one.arm], markersize=22, markeredgewidth=2)
        axis.annotate(amount(middle), (middle, y - 0.27), ha="center", va="bottom", fontsize=9)
    log_ticks(axis, "x")
    axis.margins(x=0.12)
    axis.grid(axis="y", visible=False)


def _finding(found: Decentralization) -> str:
    base = soonest(found, MONOLITH)
    others = [one for one in found.reported if one.arm == MICROSERVICES]
    if base is None or not others:
        said = [f"{one.way} ({one.arm}) {amount(one.ms)} ms" for one in found.reported]
        return f"One report over all capabilities: {', '.join(said)}."
    ways = [
        f"{one.way} {amount(one.ms)} ms ({times(one.ms / base.ms)}), an order "
        f"{amount(one.stale_ms)} ms missing"
        for one in others
    ]
    return (
        f"One report over all: in the monolith {base.way} takes {amount(base.ms)} ms, an order "
        f"{amount(base.stale_ms)} ms missing; in the microservices {'; '.join(ways)}."
    )
