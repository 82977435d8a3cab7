"""The most that each arm serves as promised."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes

from twinbench.analysis.capacities import Capacity
from twinbench.analysis.capacity import Objective
from twinbench.report.figures.canvas import FAINT, INK, Absent, Picture, sheet, styled
from twinbench.report.style import arm_colours

NAME: Final = "capacity"


@styled
def capacity_bars(found: Sequence[Capacity], objective: Objective) -> Picture | Absent:
    """A bar per arm; the truth lies between what met the objective and what did not."""
    known = [one for one in found if one.found is not None and one.found.capacity is not None]
    if not known:
        return Absent(NAME, "no search came to its end: the machine was too busy. Run it again.")
    finding = _finding(found)
    note = (
        f"Capacity: the highest rate with p{objective.percentile:g} of all requests within "
        f"{objective.limit_ms:g} ms and at most {objective.max_error_share:.1%} errors, confirmed "
        "by a longer trial. Brackets: from that rate to the next one tried, which did not keep it; "
        "one search per arm. Diamonds: what the processor alone would allow (utilisation law)."
    )
    figure = sheet(1.5 + 0.62 * len(found), finding=finding, note=note)
    axis = figure.subplots()
    colours = arm_colours([one.arm for one in found])
    for place, one in enumerate(found):
        _draw(axis, place, one, colours[one.arm])
    axis.set_yticks(range(len(found)), [one.arm for one in found], weight="bold")
    for label, one in zip(axis.get_yticklabels(), found, strict=True):
        label.set_color(colours[one.arm])
    axis.set_ylim(len(found) - 0.45, -0.55)
    furthest = max(max(_edges(one)[1], one.law.lawful if one.law else 0.0) for one in known)
    axis.set_xlim(0, furthest * 1.12)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("journeys per second")
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _edges(one: Capacity) -> tuple[float, float]:
    """Between which the truth lies; the upper one is the lower where nothing failed."""
    if one.found is None or one.found.capacity is None:
        return 0.0, 0.0
    return one.found.capacity, one.found.fails_at or one.found.capacity


def _draw(axis: Axes, place: int, one: Capacity, colour: str) -> None:
    low, high = _edges(one)
    if not low:
        axis.annotate(
            "not found: trials were voided", (0, place), xytext=(6, 0), va="center",
            textcoords="offset points", color=FAINT, fontsize=9,
        )  # fmt: skip
        return
    axis.barh(place, low, height=0.62, color=colour)
    axis.errorbar(
        low, place, xerr=[[0.0], [high - low]], fmt="none", ecolor=INK, capsize=6, linewidth=1.4
    )
    if one.law is not None:
        axis.plot(one.law.lawful, place, "D", color="white", markeredgecolor=INK, markersize=7)
        axis.annotate(
            f"{one.law.lawful:.3g}", (one.law.lawful, place), xytext=(8, 0), va="center",
            textcoords="offset points", color=FAINT, fontsize=8.5,
        )  # fmt: skip
    text = f"{low:.3g} to {high:.3g} a second" if high > low else f"{low:.3g} a second or more"
    axis.annotate(
        text, (0, place), xytext=(8, 0), textcoords="offset points", va="center",
        color="white", weight="bold", fontsize=9.5,
    )  # fmt: skip


def _finding(found: Sequence[Capacity]) -> str:
    base, *others = found
    low, high = _edges(base)
    said = []
    for one in others:
        own_low, own_high = _edges(one)
        if low and own_low:
            ratios = own_low / high, own_high / low
            said.append(f"{one.arm} {ratios[0]:.2f} to {ratios[1]:.2f} times that")
        else:
            said.append(f"{one.arm}: not found")
    first = f"The {base.arm} serves {low:.3g} journeys a second as promised" if low else (
        f"The capacity of the {base.arm} was not found"
    )  # fmt: skip
    return f"{'; '.join([first, *said])}."
