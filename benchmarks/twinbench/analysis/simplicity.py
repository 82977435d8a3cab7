"""What an arm is made of and what it takes to stand, and what each further split of it costs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from twinbench.analysis.attribution import MONOLITH
from twinbench.analysis.levels import Level, level
from twinbench.results.store import Run

WHOLE: Final = "in all"

_APPS: Final = ("components", "app")


@dataclass(frozen=True, slots=True)
class Known:
    """A figure that is told of: how, in which unit, and what a row's value is divided by for it.

    `parts` are told one by one, and where `summed` their sum; one without parts is a sum anyway.
    """

    name: str
    words: str
    unit: str = ""
    divisor: float = 1.0
    parts: tuple[str, ...] = ()
    summed: bool = True


FIGURES: Final = (
    Known("lines", "lines of code", parts=("business", "infrastructure", "configuration", "tests")),
    Known(
        "dependencies", "packages it depends on", parts=("asked for by name", "in all"),
        summed=False,
    ),
    Known("locks", "locks"),
    Known("locked_lines", "versions to move, over all locks"),
    Known(
        "unlike_versions", "in more than one version", parts=("packages", "most of one"),
        summed=False,
    ),
    Known("components", "components", parts=("app", "database", "cache", "gateway")),
    Known("processes", "processes"),
    Known("ports", "ports"),
    Known("connections", "who is told of whom"),
    Known("settings", "settings"),
    Known("secrets", "secrets"),
    Known("volumes", "volumes"),
    Known("databases", "databases"),
    Known("tables", "tables"),
    Known(
        "steps", "steps by hand",
        parts=(
            "make an environment", "make a secret", "make a role and its database", "migrate",
            "start a server",
        ),
    ),
    Known("memory_bytes", "memory at rest", "MB", 1e6, ("app", "database", "cache", "gateway")),
    Known(
        "idle_cpu_ms_per_s", "CPU at rest", "ms/s", parts=("app", "database", "cache", "gateway")
    ),
    Known("first_start_s", "first answer, from nothing", "s"),
    Known("start_s", "first answer, data there", "s"),
    Known("environment_bytes", "environments on disk", "MB", 1e6),
    Known("image_bytes", "images", "MB", 1e6),
    Known("data_bytes", "seeded databases", "MB", 1e6),
    Known("suite_s", "its tests take", "s"),
    Known("suite_tests", "its tests"),
    Known("suite_failures", "of them failed"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, or part of it, of each arm that has it. The interval of what is counted is the
    count itself; that of what was measured is over blocks."""

    known: Known
    part: str
    by_arm: Mapping[str, Level]


@dataclass(frozen=True, slots=True)
class Split:
    """One figure along arms of ever more processes, and the price of each further one: between
    each arm and the next, by the difference in processes."""

    known: Known
    values: tuple[float, ...]
    prices: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Simplicity:
    """`grouped`: arms made of the services' packages with the number of processes that these are
    in, ascending. `missing`: figures that no arm has."""

    arms: tuple[str, ...]
    lines: tuple[Line, ...]
    grouped: tuple[tuple[str, int], ...]
    splits: tuple[Split, ...]
    missing: tuple[str, ...]


def simplicity(run: Run) -> Simplicity:
    """All figures of the run, arm by arm, and along the groupings."""
    arms = tuple(run.document["configuration"]["arms"])
    values = _by_part(run.tables["figures"].to_pylist())
    lines = tuple(line for known in FIGURES for line in _lines(known, values, arms))
    grouped = _grouped(values, arms)
    told = {line.known.name for line in lines}
    return Simplicity(
        arms=arms,
        lines=lines,
        grouped=grouped,
        splits=tuple(_splits(lines, grouped)),
        missing=tuple(known.words for known in FIGURES if known.name not in told),
    )


def whole(run: Run, name: str) -> dict[str, dict[int, float]]:
    """One figure, all its parts together, by arm and block."""
    values = _by_part(run.tables["figures"].to_pylist()).get((name, ""), {})
    return {arm: dict(by_block) for arm, by_block in values.items()}


_Values = Mapping[tuple[str, str], Mapping[str, Mapping[int, float]]]
"""By figure and part, arm and block; where there is no part to be told of, summed under WHOLE."""


def _by_part(rows: Iterable[Mapping[str, Any]]) -> _Values:
    found: defaultdict[tuple[str, str], defaultdict[str, defaultdict[int, float]]]
    found = defaultdict(lambda: defaultdict(lambda: defaultdict(float)))
    for row in rows:
        arm, block, value = row["arm"], row["block"], row["value"]
        if row["part"]:
            found[row["figure"], row["part"]][arm][block] += value
        found[row["figure"], ""][arm][block] += value
    return found


def _lines(known: Known, values: _Values, arms: Sequence[str]) -> Iterator[Line]:
    for part in (*known.parts, *([""] if known.summed else [])):
        own = values.get((known.name, part), {})
        by_arm = {
            arm: level([value / known.divisor for value in own[arm].values()])
            for arm in arms
            if arm in own
        }
        if by_arm:
            yield Line(known, part or (WHOLE if known.parts else ""), by_arm)


def _grouped(values: _Values, arms: Sequence[str]) -> tuple[tuple[str, int], ...]:
    apps = values.get(_APPS, {})
    sizes = {arm: round(apps[arm][0]) for arm in arms if arm in apps and arm != MONOLITH}
    return tuple(sorted(sizes.items(), key=lambda item: item[1]))


def _splits(lines: Iterable[Line], grouped: Sequence[tuple[str, int]]) -> Iterator[Split]:
    """Of what all these arms have; what is the same in each costs nothing."""
    if len(grouped) < 2:  # noqa: PLR2004 - a price is a difference
        return
    for line in lines:
        if line.part not in {"", WHOLE} or any(arm not in line.by_arm for arm, _ in grouped):
            continue
        values = tuple(line.by_arm[arm].value for arm, _ in grouped)
        steps = zip(grouped, grouped[1:], values, values[1:], strict=False)
        prices = tuple(
            (later - earlier) / (more - fewer) for (_, fewer), (_, more), earlier, later in steps
        )
        yield Split(line.known, values, prices)
