"""How far each change request reaches: capability by capability, in each build."""

from collections.abc import Sequence
from textwrap import fill
from typing import Final

from matplotlib.axes import Axes

from twinbench.analysis.attribution import MICROSERVICES, MONOLITH
from twinbench.analysis.concerns import Concerns, concerns
from twinbench.analysis.modularity import Modularity, Reach
from twinbench.report.figures.canvas import INK, Absent, Picture, name_arms, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import bounds, times

NAME: Final = "blast-radius"
_EMPTY: Final = "#EEEEEE"
_NAME_LETTERS: Final = 34
_FIGURES: Final = ("lines of code", "contracts", "rebuilt", "in order")


@styled
def blast_radius(found: Modularity) -> Picture | Absent:
    """A row for each request and build, a cell for each capability; figures to the right."""
    if not found.reaches:
        return Absent(
            NAME, "no change request was tried: ./twinbench run modularity tries all of them."
        )
    requests = list(dict.fromkeys(one.request for one in found.reaches))
    names = [build.name for build in found.builds]
    capabilities = _columns(found)
    finding = _finding(found)
    note = (
        "Filled: the patch changes that capability. Crossed: though the request is not about it. "
        "Hollow: the request is about it, and it stays as it is. Right, exact counts: lines of "
        "code added and removed, contracts that change (public API, operations, doors, events), "
        "artefacts to build anew, releases that must follow each other."
    )
    height = 2.3 + (0.12 + 0.17 * len(names)) * len(requests)
    figure = sheet(height, finding=finding, note=note)
    axis = figure.subplots()
    for one in found.reaches:
        lane = (names.index(one.build) - (len(names) - 1) / 2) * 0.8 / len(names)
        _row(axis, requests.index(one.request) + lane, one, capabilities, names)
    titles = {one.request: fill(one.title, _NAME_LETTERS) for one in found.reaches}
    axis.set_yticks(range(len(requests)), [titles[own] for own in requests], fontsize=8.5)
    columns = [*capabilities, *_FIGURES]
    axis.set_xticks(range(len(columns)), columns, fontsize=8.5, rotation=35, ha="right")
    axis.set_xlim(-0.6, len(columns) - 0.4)
    axis.set_ylim(len(requests) - 0.45, -0.55)
    axis.grid(visible=False)
    name_arms(axis, names, above=6)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _columns(found: Modularity) -> list[str]:
    """Capabilities, and last what is none: the platform."""
    known = [one.part for one in found.builds[0].couplings]
    touched = {name for one in found.reaches for name in (*one.capabilities, *one.meant)}
    return [*known, *sorted(touched - set(known))]


def _row(
    axis: Axes, y: float, one: Reach, capabilities: Sequence[str], names: Sequence[str]
) -> None:
    colour = arm_colours(names)[one.build]
    height = 0.72 / len(names)
    for column, capability in enumerate(capabilities):
        changed, meant = capability in one.capabilities, capability in one.meant
        axis.barh(
            y, 0.9, left=column - 0.45, height=height, linewidth=1.1,
            color=colour if changed else "white" if meant else _EMPTY,
            edgecolor=colour if changed or meant else _EMPTY,
        )  # fmt: skip
        if changed and not meant:
            axis.plot(column, y, "x", color="white", markersize=6, markeredgewidth=1.8)
    counts = (one.code_lines, len(one.contracts), len(one.artefacts), len(one.releases))
    for column, count in enumerate(counts, start=len(capabilities)):
        axis.annotate(f"{count}", (column, y), ha="center", va="center", fontsize=8, color=INK)


def _finding(found: Modularity) -> str:
    known = concerns(found, arm=MICROSERVICES, base=MONOLITH)
    if known is None or known.beyond is None:
        beside = sum(len(one.beside) for one in found.reaches)
        return f"Changed beside what {len(found.reaches)} changes are about: {beside} capabilities."
    theirs, ours = known.reaching
    return (
        f"Changes that reach beyond what they are about: {theirs} of {known.requests} in the "
        f"microservices, {ours} in the monolith{_lines(known)}."
    )


def _lines(known: Concerns) -> str:
    if known.lines is None:
        return ""
    sure = "one request" if known.requests == 1 else bounds(known.lines)
    return f"; lines of code {times(known.lines.ratio)} ({sure})"
