"""What each arm holds and uses while nobody asks it for anything."""

from collections.abc import Mapping
from typing import Final

from twinbench.analysis.levels import Level
from twinbench.analysis.simplicity import WHOLE, Simplicity
from twinbench.report.figures.canvas import Absent, Picture, sheet, styled
from twinbench.report.figures.components import stacked_bars
from twinbench.report.words import amount

NAME: Final = "at-rest"
_MEMORY: Final = "memory_bytes"
_PANELS: Final = {
    _MEMORY: "memory at rest, MB", "idle_cpu_ms_per_s": "CPU at rest, ms in each second",
}  # fmt: skip


@styled
def at_rest(found: Simplicity) -> Picture | Absent:
    """Memory and CPU by kind of component, stacked, a bar for each arm."""
    parts = {name: _parts(found, name) for name in _PANELS}
    if not parts[_MEMORY]:
        return Absent(NAME, "no arm was seen at rest.")
    finding = _finding(found, _levels(found, _MEMORY))
    note = (
        "Each arm alone on the machine, with its data, and asked for nothing; by kind of "
        "component, all of a kind together. Lines at the ends: 95 % intervals of the whole arm "
        "over blocks, where there are two or more. Small parts are drawn without their names."
    )
    figure = sheet(1.5 + 0.95 * len(found.arms), finding=finding, note=note)
    axes = figure.subplots(len(_PANELS), 1)
    for axis, (name, title) in zip(axes, _PANELS.items(), strict=True):
        stacked_bars(axis, parts[name], _levels(found, name), found.arms)
        axis.set_title(title)
    return Picture(NAME, finding, f"{finding} {note}", figure)


def _parts(found: Simplicity, name: str) -> dict[str, dict[str, float]]:
    own = [line for line in found.lines if line.known.name == name and line.part != WHOLE]
    return {
        arm: {line.part: line.by_arm[arm].value for line in own if arm in line.by_arm}
        for arm in found.arms
        if any(arm in line.by_arm for line in own)
    }


def _levels(found: Simplicity, name: str) -> Mapping[str, Level]:
    whole = [line for line in found.lines if (line.known.name, line.part) == (name, WHOLE)]
    return whole[0].by_arm if whole else {}


def _finding(found: Simplicity, memory: Mapping[str, Level]) -> str:
    said = [
        f"{arm} {amount(memory[arm].value)} MB" for arm in found.arms if arm in memory
    ]  # fmt: skip
    return f"Memory held at rest: {', '.join(said)}."
