"""Every trial of some runs: when it took place, and whether it counts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes

from twinbench.report.figures.canvas import Absent, Picture, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.results.store import Run

NAME: Final = "trials"


@styled
def trial_timelines(runs: Mapping[str, Run]) -> Picture | Absent:
    """Of each run a lane per arm and a bar per trial; what a gate voided is hollow and crossed."""
    timed = {
        name: run.trials.to_pylist()
        for name, run in runs.items()
        if "trials" in run.tables and run.trials.num_rows
    }
    if not timed:
        return Absent(NAME, f"no gated trials in runs of {', '.join(runs)}.")
    finding = _finding([row for rows in timed.values() for row in rows])
    note = (
        "A bar is a trial's measured window. Arms take turns in random order, so that all see the "
        "same minutes of the machine. Hollow and crossed: voided by a gate, and left out of every "
        "figure."
    )
    lanes = {name: list(runs[name].document["configuration"]["arms"]) for name in timed}
    heights = [0.45 + 0.3 * len(arms) for arms in lanes.values()]
    figure = sheet(1.2 + 1.25 * sum(heights), finding=finding, note=note)
    axes = figure.subplots(len(timed), 1, squeeze=False, height_ratios=heights)[:, 0]
    for axis, (name, rows) in zip(axes, timed.items(), strict=True):
        _draw(axis, rows, lanes[name])
        axis.set_title(name)
    axes[-1].set_xlabel("minutes since the first trial")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(axis: Axes, rows: Sequence[dict[str, Any]], arms: Sequence[str]) -> None:
    begun = min(row["started_at"] for row in rows)
    colours = arm_colours(arms)
    for row in rows:
        left = (row["started_at"] - begun).total_seconds() / 60 + row["warmup_s"] / 60
        colour = colours[row["arm"]]
        look: dict[str, Any] = (
            {"color": colour}
            if row["valid"]
            else {"facecolor": "white", "edgecolor": colour, "hatch": "xxxx"}
        )
        axis.barh(arms.index(row["arm"]), row["measure_s"] / 60, left=left, height=0.7, **look)
    axis.set_yticks(range(len(arms)), arms)
    axis.set_ylim(len(arms) - 0.4, -0.6)
    axis.set_xlim(left=0)
    axis.grid(axis="y", visible=False)


def _finding(rows: Sequence[dict[str, Any]]) -> str:
    voided = [row for row in rows if not row["valid"]]
    if not voided:
        return f"All {len(rows)} trials count: no gate voided one."
    kinds = Counter(reason.partition(":")[0] for row in voided for reason in row["reasons"])
    causes = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
    return f"{len(rows) - len(voided)} of {len(rows)} trials count; voided for: {causes}."
