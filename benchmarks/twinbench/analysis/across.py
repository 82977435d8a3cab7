"""Two runs side by side: whether they may be compared, and the ratio of like with like."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from twinbench.analysis.blocks import Measure, Stage, Unit, Unjudged, stages, typical
from twinbench.analysis.ratios import Estimate, estimate_unpaired
from twinbench.analysis.samples import Kind
from twinbench.analysis.verdicts import Verdict, verdicts
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run

# How long a run goes on, and what it is called, changes no trial.
_OF_THE_RUN: Final = frozenset({"name", "blocks", "budget_s", "judged", "precision"})
# What a machine happens to be busy with, or has been updated to, does not make it another.
_OF_THE_MOMENT: Final = frozenset({"load_average", "kernel"})
_MUST_AGREE: Final = ("schema_version", "experiment", "engine", "topology_digest")
_MAY_DIFFER: Final = ("revision", "dirty", "seed")
# What a user can do about it, where that is not plain.
_REMEDIES: Final = {"configuration rates": " (name the same for both, with --rate)"}
_ABSENT: Final = "(absent)"
_SHOWN: Final = 5
_DIGITS: Final = 60


class UnlikeRunsError(TwinbenchError):
    """Two runs whose figures do not mean the same."""


@dataclass(frozen=True, slots=True)
class AcrossRow:
    """One figure of one arm at one rate in both runs; the ratio is that of B to A."""

    rate: float
    arm: str
    kind: Kind
    subject: str
    measure: str
    unit: Unit
    a: float
    b: float
    estimate: Estimate
    unjudged: Unjudged | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Across:
    """`rows` of journeys and arms, `endpoints` of single requests: a table each.

    `differences` are what may differ and does: name to its two values.
    """

    rows: tuple[AcrossRow, ...]
    endpoints: tuple[AcrossRow, ...]
    differences: Mapping[str, tuple[str, str]]
    sound: bool


def compare_runs(a: Run, b: Run) -> Across:
    """The ratio of run B to run A for every arm, rate and figure that both have.

    Runs share no blocks, so what the machine did meanwhile does not cancel: see
    `estimate_unpaired`. Raises UnlikeRunsError, in one line that says why.
    """
    if unlike := list(_unlike(a.document, b.document)):
        more = len(unlike) - _SHOWN
        shown = "; ".join(unlike[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
        raise UnlikeRunsError(f"{a.folder.name} and {b.folder.name} are unlike: {shown}")
    theirs = {stage.rate: stage for stage in stages(b)}
    pairs = [(one, theirs[one.rate]) for one in stages(a) if one.rate in theirs]
    rows = [
        _row(one, other, arm, measure)
        for one, other in pairs
        for measure in one.columns
        if measure in other.columns
        for arm in one.arms
        if arm in other.arms
    ]
    return Across(
        rows=tuple(_judged([row for row in rows if row.kind != "request"])),
        endpoints=tuple(_judged([row for row in rows if row.kind == "request"])),
        differences=_differences(a.document, b.document),
        sound=all(stage.sound for pair in pairs for stage in pair if stage.headline),
    )


def _row(one: Stage, other: Stage, arm: str, measure: Measure) -> AcrossRow:
    a, b = one.columns[measure][arm], other.columns[measure][arm]
    unjudged = one.unjudged or other.unjudged
    return AcrossRow(
        rate=one.rate,
        arm=arm,
        kind=measure.kind,
        subject=measure.subject,
        measure=measure.name,
        unit=measure.unit,
        a=typical(a),
        b=typical(b),
        estimate=estimate_unpaired(b, a),
        unjudged=unjudged,
        verdict=None if unjudged else "inconclusive",
    )


def _judged(rows: list[AcrossRow]) -> list[AcrossRow]:
    judged = iter(verdicts([row.estimate for row in rows if row.verdict is not None]))
    return [row if row.verdict is None else replace(row, verdict=next(judged)) for row in rows]


def _unlike(a: Mapping[str, Any], b: Mapping[str, Any]) -> Iterator[str]:
    """Everything that must agree and does not."""
    for name in _MUST_AGREE:
        yield from _unequal(name.replace("_", " "), a.get(name), b.get(name))
    for part, free in (
        ("configuration", _OF_THE_RUN),
        ("limits", frozenset[str]()),
        ("host", _OF_THE_MOMENT),
    ):
        one, other = (dict(_leaves(document.get(part, {}))) for document in (a, b))
        for name in sorted(one.keys() | other.keys()):
            if name.partition(".")[0] not in free:
                found = one.get(name, _ABSENT), other.get(name, _ABSENT)
                yield from _unequal(f"{part} {name}", *found)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 -- any JSON
    """The dotted name of each value in nested objects."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value


def _unequal(name: str, one: object, other: object) -> Iterator[str]:
    if one != other:
        yield f"{name} {_short(one)} against {_short(other)}{_REMEDIES.get(name, '')}"


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _DIGITS else f"{text[:_DIGITS]}..."


def _differences(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    found = {name: (a.get(name), b.get(name)) for name in _MAY_DIFFER}
    for part in ("versions", "host"):
        one, other = a.get(part, {}), b.get(part, {})
        for name in sorted(one.keys() | other.keys()):
            found[f"{part} {name}"] = one.get(name, _ABSENT), other.get(name, _ABSENT)
    return {
        name: (_short(one), _short(other))
        for name, (one, other) in found.items()
        if one != other and name != "host load_average"
    }
