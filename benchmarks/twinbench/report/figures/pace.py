"""How long it takes from an edited line until customers are served by it."""

from collections.abc import Mapping, Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.autonomy import autonomy, levels_of, seconds_of
from twinbench.analysis.decentralization import Decentralization, Pace
from twinbench.analysis.levels import Level
from twinbench.report.figures.canvas import (
    INK,
    Absent,
    Picture,
    name_arms,
    reach,
    sheet,
    styled,
)
from twinbench.report.style import arm_colours
from twinbench.report.words import amount, bounds, times
from twinbench.results.store import Run

NAME: Final = "edited-to-served"
# Of the arm's colour with white: tests, build, putting in place.
_TINTS: Final = (0.0, 0.35, 0.65)
_ROOM: Final = 1.16
_FURTHEST: Final = 1.4  # of the longest bar, beyond which an interval is cut


@styled
def edited_to_served(run: Run, found: Decentralization) -> Picture | Absent:
    """A group per capability, a bar per arm: tests, build and rollout, one after the other."""
    if not found.paces:
        return Absent(NAME, "this run edited nothing.")
    capabilities = list(dict.fromkeys(one.capability for one in found.paces))
    finding = _finding(run, found)
    note = (
        "One line is edited in one capability. Full colour: the tests of what has the code; paler: "
        "a build of what is deployed with it; palest: putting that in place until the arm has "
        "answered. Medians over blocks; lines at the ends: 95 % intervals over blocks, where there "
        "are two or more. Tests are timed once, and left out where an arm's were not run."
    )
    height = 1.9 + (0.14 + 0.17 * len(found.arms)) * len(capabilities)
    figure = sheet(height, finding=finding, note=note)
    axis = figure.subplots()
    _draw(axis, found, capabilities, levels_of(seconds_of(run)))
    axis.set_yticks(range(len(capabilities)), capabilities)
    axis.set_ylim(len(capabilities) - 0.45, -0.55)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("seconds from the edited line to the first answer by it")
    name_arms(axis, found.arms, above=6)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(
    axis: Axes,
    found: Decentralization,
    capabilities: Sequence[str],
    levels: Mapping[tuple[str, str], Level],
) -> None:
    colours = arm_colours(found.arms)
    untested = {one.capability for one in found.paces if one.test_s is None}
    longest = 0.0
    for one in found.paces:
        lane = found.arms.index(one.arm) - (len(found.arms) - 1) / 2
        y = capabilities.index(one.capability) + lane * 0.8 / len(found.arms)
        phases = _phases(one, tested=one.capability not in untested)
        level = levels[one.capability, one.arm]
        _bar(axis, y, phases, colours[one.arm], 0.72 / len(found.arms))
        whole = sum(phases)
        longest = max(longest, whole)
        below, above = (edge[0] for edge in reach(level)[0])
        high = min(level.value + above, _FURTHEST * level.value)
        end = whole
        if above:
            axis.errorbar(
                level.value, y, xerr=[[below], [high - level.value]], fmt="none", ecolor=INK,
                capsize=2, linewidth=1,
            )  # fmt: skip
            end = max(whole, high)
        axis.annotate(amount(whole), (end, y), xytext=(4, 0), textcoords="offset points",
                      va="center", fontsize=8)  # fmt: skip
    axis.set_xlim(0, _ROOM * longest)


def _phases(one: Pace, *, tested: bool) -> list[float]:
    return [(one.test_s or 0.0) if tested else 0.0, one.build_s, one.serve_s]


def _bar(axis: Axes, y: float, phases: Sequence[float], colour: str, height: float) -> None:
    left = 0.0
    for width, tint in zip(phases, _TINTS, strict=True):
        red, green, blue = (own + (1 - own) * tint for own in to_rgb(colour))
        axis.barh(y, width, left=left, height=height, color=(red, green, blue),
                  edgecolor="white", linewidth=0.5)  # fmt: skip
        left += width


def _finding(run: Run, found: Decentralization) -> str:
    said = ", ".join(f"{one.arm} {amount(one.whole_s)} s" for one in found.typical)
    known = autonomy(run, found, arm=MICROSERVICES, base=MONOLITH)
    ratio = "" if known is None else (
        f"; the microservices take {times(known.pace.ratio)} ({bounds(known.pace)}) of the "
        "monolith's time"
    )  # fmt: skip
    return f"From an edited line to its being served, at the median capability: {said}{ratio}."
