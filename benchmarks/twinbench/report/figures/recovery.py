"""How soon customers are told of a fault, and how soon it is over."""

from collections.abc import Callable, Sequence
from typing import Final

from matplotlib.axes import Axes

from twinbench.analysis.resilience import READY_S, RECOVERED_S, Course, Resilience
from twinbench.report.figures.canvas import FAINT, Absent, Picture, name_arms, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount

NAME: Final = "recovery"
_PANELS: Final[tuple[tuple[str, str, Callable[[Course], float | None]], ...]] = (
    ("first told", "from the fault's beginning", lambda one: one.detected_s),
    ("last failure", "from the fault's end", lambda one: one.recovered_s),
    ("all ready", "from the fault's end", lambda one: one.ready_s),
)
_ROOM: Final = 1.15
_LEAST_S: Final = 1.0


@styled
def fault_recovery(found: Resilience) -> Picture | Absent:
    """Of every fault and arm three instants, in seconds; what never came stands at the edge."""
    courses = found.courses
    if not courses:
        return Absent(NAME, "no fault of a component has a valid trial. Run it again.")
    faults = [fault for fault in found.faults if any(one.fault == fault for one in courses)]
    finding = _finding(found)
    note = (
        "The worst of all trials of a fault, so no interval. First told: until the first request "
        "that failed was answered; hollow at the edge where none failed. Last failure: until the "
        "last request that failed had been sent; hollow where failing went on to the window's end. "
        "All ready: until every component was ready again."
    )
    figure = sheet(2.0 + (0.16 + 0.07 * len(found.arms)) * len(faults), finding=finding, note=note)
    axes = figure.subplots(1, len(_PANELS), sharey=True, squeeze=False)[0]
    for axis, (title, origin, seconds_of) in zip(axes, _PANELS, strict=True):
        _draw(axis, courses, faults, found.arms, seconds_of)
        axis.set_title(title)
        axis.set_xlabel(f"seconds {origin}", fontsize=8.5)
    axes[0].set_yticks(range(len(faults)), faults, fontsize=8.5)
    axes[0].set_ylim(len(faults) - 0.4, -0.6)
    name_arms(axes[0], found.arms, above=20)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _draw(
    axis: Axes,
    courses: Sequence[Course],
    faults: Sequence[str],
    arms: Sequence[str],
    seconds_of: Callable[[Course], float | None],
) -> None:
    known = [seconds for one in courses if (seconds := seconds_of(one)) is not None]
    edge = _ROOM * max([*known, _LEAST_S])
    for lane, (arm, colour) in enumerate(arm_colours(arms).items()):
        for one in (one for one in courses if one.arm == arm):
            y = faults.index(one.fault) + (lane - (len(arms) - 1) / 2) * 0.7 / len(arms)
            seconds = seconds_of(one)
            if seconds is None:
                axis.plot(edge, y, ">", color=colour, markerfacecolor="white", markersize=6)
            else:
                axis.plot([0, seconds], [y, y], color=colour, linewidth=1.6)
                axis.plot(seconds, y, "o", color=colour, markersize=5)
    axis.axvline(edge, color=FAINT, linewidth=0.8, linestyle=":")
    axis.set_xlim(-0.03 * edge, 1.06 * edge)


def _finding(found: Resilience) -> str:
    kills = [one for one in found.courses if one.fault.startswith("SIGKILL")]
    if kills:
        kept = sum(one.in_time for one in kills)
        return (
            f"After {kept} of {len(kills)} kills all was ready within {READY_S:g} s and nothing "
            f"failed after {RECOVERED_S:g} s."
        )
    said = [
        f"{arm} {_worst([one.recovered_s for one in found.courses if one.arm == arm])}"
        for arm in found.arms
        if any(one.arm == arm for one in found.courses)
    ]
    return f"Nothing failed any more after a fault had ended: {', '.join(said)}."


def _worst(seconds: Sequence[float | None]) -> str:
    known = [one for one in seconds if one is not None]
    if len(known) < len(seconds):
        return "not within every trial"
    return f"within {amount(max(known))} s" if max(known) else "at once"
