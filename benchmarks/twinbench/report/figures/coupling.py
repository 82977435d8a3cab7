"""Who depends on whom: of each capability, how many use it and how many it uses."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from twinbench.analysis.modularity import Build, Modularity
from twinbench.report.figures.canvas import FAINT, INK, Absent, Picture, name_arms, sheet, styled
from twinbench.report.style import arm_colours

NAME: Final = "coupling"
_ROOM: Final = 0.9  # beyond the longest bar, for its figure


@styled
def coupling(found: Modularity) -> Picture | Absent:
    """Bars to the left: capabilities that use it; to the right: those that it uses."""
    if not found.builds:
        return Absent(NAME, "this run looked at no build.")
    names = [build.name for build in found.builds]
    capabilities = [one.part for one in found.builds[0].couplings]
    finding = _finding(found.builds)
    note = (
        "Exact counts of what was found, so no intervals. A capability depends on another if it "
        "would have to know of a change there: by import, call, address, event, foreign key or "
        "query, in code and in a traced run of all journeys. The longer a bar to the left, the "
        "more others a change disturbs; to the right, the more others can disturb it."
    )
    height = 2.0 + (0.16 + 0.18 * len(names)) * len(capabilities)
    figure = sheet(height, finding=finding, note=note)
    axis = figure.subplots()
    _draw(axis, found.builds, capabilities)
    axis.set_yticks(range(len(capabilities)), capabilities)
    axis.set_ylim(len(capabilities) - 0.45, -0.55)
    axis.set_xlabel("used by so many \N{LEFTWARDS ARROW}  |  \N{RIGHTWARDS ARROW} uses so many")
    name_arms(axis, names, above=6)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(axis: Axes, builds: Sequence[Build], capabilities: Sequence[str]) -> None:
    colours = arm_colours([build.name for build in builds])
    most = 1
    for lane, build in enumerate(builds):
        for one in build.couplings:
            y = capabilities.index(one.part) + (lane - (len(builds) - 1) / 2) * 0.8 / len(builds)
            for count, side in ((one.afferent, -1), (one.efferent, 1)):
                axis.barh(y, side * count, height=0.7 / len(builds), color=colours[build.name])
                axis.annotate(
                    f"{count}", (side * count, y), xytext=(4 * side, 0), va="center", fontsize=8,
                    textcoords="offset points", ha="left" if side > 0 else "right",
                    color=INK if count else FAINT,
                )  # fmt: skip
                most = max(most, count)
    axis.axvline(0, color=INK, linewidth=1)
    axis.set_xlim(-most - _ROOM, most + _ROOM)
    axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.xaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axis.grid(axis="y", visible=False)


def _finding(builds: Sequence[Build]) -> str:
    pairs = ", ".join(f"{build.pairs} in the {build.name}" for build in builds)
    undeclared = sum(len(build.breaches) for build in builds)
    found = "nothing" if not undeclared else f"{undeclared}"
    most = max(
        ((one, build) for build in builds for one in build.couplings),
        key=lambda own: own[0].afferent,
    )
    return (
        f"Pairs of capabilities that depend: {pairs}, {found} undeclared. "
        f"The most used is {most[0].part} in the {most[1].name}, by {most[0].afferent}."
    )
