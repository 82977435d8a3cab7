"""Each arm as a share of what its framework could do."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes

from twinbench.analysis.floors import Share
from twinbench.report.figures.canvas import INK, Picture, sheet, styled
from twinbench.report.style import arm_colours

NAME: Final = "floors"
_LABEL: Final = 48  # what a label takes of the axis, in its unit


@styled
def floor_shares(shares: Sequence[Share]) -> Picture:
    """The floor's CPU per request as a share of the arm's, with interval and goal."""
    finding = _finding(shares)
    note = (
        "Floor: a bare view of the arm's framework with one hand-written query and the same "
        "answer. Share: the floor's CPU per request in per cent of the arm's, gateway and database "
        "counted in both; 100 % would be as good as the bare framework. Bars: 95 % intervals over "
        "blocks. Upright strokes: the goal."
    )
    figure = sheet(1.5 + 0.5 * len(shares), finding=finding, note=note)
    axis = figure.subplots()
    colours = arm_colours(list(dict.fromkeys(share.arm for share in shares)))
    for place, share in enumerate(shares):
        _draw(axis, place, share, colours[share.arm])
    axis.set_yticks(range(len(shares)), [f"{share.arm}: {share.page}" for share in shares])
    axis.set_ylim(len(shares) - 0.5, -0.5)
    furthest = max(max(share.cpu_share.ratio, share.goal) for share in shares)
    axis.set_xlim(0, max(118, 100 * furthest + _LABEL))
    axis.set_xticks(range(0, 101, 20))
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("the floor's CPU, in % of the arm's")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(axis: Axes, place: int, share: Share, colour: str) -> None:
    known = share.cpu_share
    value = 100 * known.ratio
    low, high = 100 * known.low, 100 * known.high
    axis.barh(place, value, height=0.6, color=colour)
    if high < float("inf"):
        axis.errorbar(
            value, place, xerr=[[value - low], [high - value]], fmt="none", ecolor=INK, capsize=4
        )
    axis.plot([100 * share.goal] * 2, [place - 0.38, place + 0.38], color="black", linewidth=2)
    axis.annotate(
        f"{value:.0f} %: {share.arm_cpu_ms:.2f} ms, floor {share.floor_cpu_ms:.2f} ms",
        (max(value, 100 * share.goal, min(high, 100)), place), xytext=(8, 0),
        textcoords="offset points", va="center", fontsize=8.5,
    )  # fmt: skip


def _finding(shares: Sequence[Share]) -> str:
    least: dict[str, Share] = {}
    for share in shares:
        if share.arm not in least or share.cpu_share.ratio < least[share.arm].cpu_share.ratio:
            least[share.arm] = share
    said = [f"{arm} {one.cpu_share.ratio:.0%} ({one.page})" for arm, one in least.items()]
    reached = sum(share.reached for share in shares)
    return (
        f"Of its bare framework's best each arm keeps at least: {', '.join(said)}; "
        f"{reached} of {len(shares)} goals reached."
    )
