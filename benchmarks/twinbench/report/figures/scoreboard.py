"""All effects of all claims in one picture."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from twinbench.analysis.attribution import MICROSERVICES
from twinbench.report.figures.canvas import FAINT, INK, Absent, Picture, sheet, styled
from twinbench.report.judged.answer import Answer, Effect
from twinbench.report.style import arm_colours
from twinbench.report.words import amount

NAME: Final = "scoreboard"

# Within a decade, and where more of them would run into each other.
_MANY: Final = (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
_FEW: Final = (1.0, 3.0)
_WIDE: Final = 12.0
_FURTHEST: Final = 8.0


@styled
def scoreboard(answers: Sequence[Answer]) -> Picture | Absent:
    """Every ratio of microservices to monolith with its interval; 1 is no difference."""
    effects = [(answer, effect) for answer in answers for effect in answer.effects]
    drawn = [(a, e) for a, e in effects if np.isfinite(e.ratio)]
    if not drawn:
        return Absent(NAME, "no run in these results compares microservices with a monolith.")
    finding = _finding(drawn)
    note = (
        "Dots: ratio of microservices to monolith, on a log scale; bars: 95 % intervals over "
        "blocks (of capacity: by the steps of the search; of a change: over requests), none for a "
        "single block. Squares: of exact counts, which have no interval. Hollow: the interval "
        "holds 1, so chance could be all of it. Pale diamonds: the part of it that is the "
        "framework's."
    )
    figure = sheet(1.6 + 0.36 * len(drawn), finding=finding, note=note)
    axis = figure.subplots()
    colour = arm_colours((MICROSERVICES,))[MICROSERVICES]
    for y, (_, effect) in enumerate(drawn):
        low, high = _edges(effect)
        hollow = not effect.sure and not effect.exact
        axis.errorbar(
            effect.ratio, y,
            xerr=None if effect.exact else [[effect.ratio - low], [high - effect.ratio]],
            fmt="s" if effect.exact else "o", color=colour,
            markerfacecolor="white" if hollow else colour, capsize=3, markersize=7,
        )  # fmt: skip
        if effect.framework is not None:
            axis.plot(effect.framework, y, "D", color=FAINT, markerfacecolor="none", markersize=5)
        axis.annotate(
            _times(effect), (high, y), xytext=(7, 0), textcoords="offset points", va="center",
            fontsize=9, color=INK,
        )  # fmt: skip
    axis.axvline(1, color="black", linewidth=1)
    axis.set_xscale("log")
    axis.margins(x=0.16)
    low, high = axis.get_xlim()
    axis.xaxis.set_major_locator(LogLocator(subs=_FEW if high > _WIDE * low else _MANY))
    axis.xaxis.set_major_formatter(lambda value, _: f"\N{MULTIPLICATION SIGN}{value:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())
    axis.set_yticks(range(len(drawn)), [f"{a.claim}: {e.subject}" for a, e in drawn])
    axis.set_ylim(len(drawn) - 0.5, -0.5)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("microservices, in times of the monolith (log scale)")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _finding(drawn: Sequence[tuple[Answer, Effect]]) -> str:
    """Of each claim the first effect that is sure: all of them would be no title."""
    surely: dict[str, str] = {}
    for answer, effect in drawn:
        if effect.sure:
            surely.setdefault(answer.claim, f"{effect.subject} {_times(effect)}")
    if not surely:
        return "No difference between microservices and monolith is sure yet."
    return f"Microservices in times of the monolith: {'; '.join(surely.values())}."


def _edges(effect: Effect) -> tuple[float, float]:
    """Of the bar: none where one block says nothing of an end, and cut where it is far off."""
    low = max(effect.low, effect.ratio / _FURTHEST) if effect.low > 0 else effect.ratio
    high = min(effect.high, effect.ratio * _FURTHEST) if np.isfinite(effect.high) else effect.ratio
    return low, high


def _times(effect: Effect) -> str:
    return f"\N{MULTIPLICATION SIGN}{amount(effect.ratio)}"
