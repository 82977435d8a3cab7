"""What a call between services costs."""

from collections.abc import Sequence
from typing import Final

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from twinbench.analysis.attribution import MICROSERVICES, MODULITH
from twinbench.analysis.hops import ALL, CallCost, Hops
from twinbench.report.figures.canvas import INK, Absent, Picture, log_ticks, reach, sheet, styled
from twinbench.report.style import arm_colours
from twinbench.report.words import amount

NAME: Final = "hops"
_MOST: Final = 14  # calls that are drawn, those made most often first
_TINTS: Final = {"app": 0.0, "database": 0.35, "cache": 0.6, "gateway": 0.8}
_DARK: Final = 0.2
_WORDS: Final = {"app": "apps", "database": "databases", "cache": "broker", "gateway": "gateway"}
_LETTER: Final = 0.0115  # of the axis' width that a letter of a label takes


@styled
def hop_costs(found: Hops) -> Picture | Absent:
    """What a call adds to latency, each kind by itself, and the CPU of a journey by component."""
    if not found.calls:
        return Absent(NAME, "no call was told of in every block.")
    finding = _finding(found)
    note = (
        f"At {found.rate:g} journeys a second, traced, {found.blocks} blocks. Above: the call as "
        "its caller saw it less the callee's own time, at the median; the request that waits for "
        "it stands before the arrow. Below: processor time of a journey by kind of component. "
        "Bars: 95 % intervals over blocks."
    )
    labels = _labels(found.calls)
    figure = sheet(2.9 + 0.27 * len(labels), finding=finding, note=note)
    upper, lower = figure.subplots(2, 1, height_ratios=[0.27 * len(labels) + 0.5, 1.1])
    _draw_calls(upper, found, labels)
    _draw_cpu(lower, found)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _labels(calls: Sequence[CallCost]) -> list[str]:
    """All together, then the calls made most often."""
    often = sorted(calls, key=lambda one: (one.request != ALL, -one.per_request))
    return list(dict.fromkeys(map(_label, often)))[:_MOST]


def _label(one: CallCost) -> str:
    if one.request == ALL:
        return "all calls"
    service, _, path = one.operation.partition(" ")
    parts = path.partition(" ")[2].removeprefix("/internal").split("/")
    short = "/".join(part for part in parts if part and not part.startswith("{"))
    return f"{one.request} \N{RIGHTWARDS ARROW} {service} {short}"


def _draw_calls(axis: Axes, found: Hops, labels: Sequence[str]) -> None:
    colours = arm_colours(found.arms)
    named: set[str] = set()
    for one in found.calls:
        if _label(one) not in labels:
            continue
        y, colour = labels.index(_label(one)), colours[one.arm]
        axis.errorbar(
            one.p50.value, y, xerr=reach(one.p50)[0], fmt="o", color=colour, capsize=2,
            markersize=6 if one.request == ALL else 4, linewidth=1.2,
        )  # fmt: skip
        if one.arm not in named:
            named.add(one.arm)
            axis.annotate(
                one.arm, (one.p50.value, y), xytext=(0, 8), textcoords="offset points",
                color=colour, weight="bold", fontsize=9, ha="center",
            )  # fmt: skip
    log_ticks(axis, "x")
    axis.margins(x=0.12)
    axis.set_yticks(range(len(labels)), labels, fontsize=8.5)
    axis.set_ylim(len(labels) - 0.5, -1.2)
    axis.set_xlabel("what the hop adds, ms (log scale)")


def _draw_cpu(axis: Axes, found: Hops) -> None:
    colours = arm_colours(found.arms)
    widest = 1.15 * max(sum(level.value for level in own.values()) for own in found.cpu.values())
    for place, arm in enumerate(found.arms):
        left = 0.0
        for kind, tint in _TINTS.items():
            if kind not in found.cpu[arm]:
                continue
            level = found.cpu[arm][kind]
            colour = tuple(own + (1 - own) * tint for own in to_rgb(colours[arm]))
            axis.barh(place, level.value, left=left, height=0.62, color=colour, edgecolor="white")
            axis.errorbar(
                left + level.value, place + 0.2, xerr=reach(level)[0], fmt="none", ecolor=INK,
                capsize=2, linewidth=0.9,
            )  # fmt: skip
            words = f"{_WORDS[kind]} {amount(level.value)}"
            if level.value > _LETTER * (len(words) + 1) * widest:
                axis.annotate(
                    words, (left + level.value / 2, place - 0.08),
                    ha="center", va="center", fontsize=8,
                    color="white" if tint <= _DARK else "black",
                )  # fmt: skip
            left += level.value
        axis.annotate(
            amount(left), (left, place), xytext=(7, 0), textcoords="offset points", va="center",
            weight="bold", fontsize=9,
        )  # fmt: skip
    axis.set_xlim(0, widest)
    axis.set_yticks(range(len(found.arms)), found.arms)
    axis.set_ylim(len(found.arms) - 0.5, -0.5)
    axis.grid(axis="y", visible=False)
    axis.set_xlabel("CPU-ms per journey")


def _finding(found: Hops) -> str:
    whole = {one.arm: one for one in found.calls if one.request == ALL}
    said = []
    if MICROSERVICES in whole:
        said.append(f"A call over HTTP adds {amount(whole[MICROSERVICES].p50.value)} ms")
    if MODULITH in whole:
        said.append(f"a direct one {amount(whole[MODULITH].p50.value)} ms")
    if found.cpu_per_call is not None:
        said.append(f"a call costs at most {1000 * found.cpu_per_call.value:,.0f} µs of CPU")
    return f"{'; '.join(said)}."
