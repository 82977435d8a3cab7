"""The table that answers the question: all arms side by side, with what may be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from twinbench.analysis.attribution import Attribution, attribute
from twinbench.analysis.blocks import Column, Measure, Stage, Unit, Unjudged, stages, typical
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.samples import Kind, Trial, final_trials
from twinbench.analysis.verdicts import Verdict, verdicts
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of two arms at one offered rate.

    `figures` holds one value per block and arm; `typical` their geometric mean. The ratio is that
    of `second` to `first`, which is the base of all rows. `verdict` is None where `unjudged`
    says why nothing may be said.
    """

    rate: float
    kind: Kind
    subject: str
    measure: str
    unit: Unit
    first: str
    second: str
    figures: Mapping[str, Column]
    typical: Mapping[str, float]
    estimate: Estimate
    unjudged: Unjudged | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows of a run, each arm against `base`.

    `rows` (journeys, CPU and memory), `endpoints` (single requests) and `attribution` are three
    tables: Holm's adjustment runs over each. `void` lists the trials that failed a gate in every
    attempt.
    """

    arms: tuple[str, ...]
    base: str
    rows: tuple[Row, ...]
    endpoints: tuple[Row, ...]
    attribution: tuple[Attribution, ...]
    blocks: Mapping[float, int]
    void: tuple[Trial, ...]
    failed: Mapping[str, int]
    requests: Mapping[str, int]
    sound: bool

    @property
    def headline_rate(self) -> float:
        """The highest offered rate that carries verdicts."""
        judged = (row.rate for row in self.rows if row.unjudged != "curve")
        return max(judged, default=max(self.blocks))


def compare(run: Run, *, base: str | None = None) -> Comparison:
    """Compare the arms of a finished run with `base`, the first of them unless named.

    Only blocks in which all arms' trials are valid count. Where fewer than two remain at a rate,
    all its blocks are shown, but without a verdict, and the comparison is not `sound`. Raises
    TwinbenchError for a base that the run does not have.
    """
    arms = tuple(run.document["configuration"]["arms"])
    if base is not None and base not in arms:
        raise TwinbenchError(
            f"{run.folder.name} has no arm {base!r}: choose from {', '.join(arms)}"
        )
    return compare_stages(stages(run), final_trials(run), arms=arms, base=base or arms[0])


def compare_stages(
    found: Sequence[Stage], trials: Sequence[Trial], *, arms: tuple[str, ...], base: str
) -> Comparison:
    """The comparison, from figures that are already taken."""
    rows = table_rows(found, base=base)
    return Comparison(
        arms=arms,
        base=base,
        rows=tuple(row for row in rows if row.kind != "request"),
        endpoints=tuple(row for row in rows if row.kind == "request"),
        attribution=tuple(attribute(found)),
        blocks={stage.rate: len(stage.blocks) for stage in found},
        void=tuple(trial for trial in trials if not trial.valid),
        failed={arm: sum(t.failed for t in trials if t.arm == arm) for arm in arms},
        requests={arm: sum(t.requests for t in trials if t.arm == arm) for arm in arms},
        sound=all(stage.sound for stage in found if stage.headline),
    )


def table_rows(found: Sequence[Stage], *, base: str) -> list[Row]:
    """Rows with verdicts; those of single requests are a table of their own."""
    rows = [
        _row(stage, measure, base, arm)
        for stage in found
        if base in stage.arms
        for measure in stage.columns
        for arm in stage.arms
        if arm != base
    ]
    judged = iter(_with_verdicts([row for row in rows if row.kind == "request"]))
    others = iter(_with_verdicts([row for row in rows if row.kind != "request"]))
    return [next(judged if row.kind == "request" else others) for row in rows]


def _row(stage: Stage, measure: Measure, base: str, arm: str) -> Row:
    columns = stage.columns[measure]
    figures = {name: columns[name] for name in (base, arm)}
    return Row(
        rate=stage.rate,
        kind=measure.kind,
        subject=measure.subject,
        measure=measure.name,
        unit=measure.unit,
        first=base,
        second=arm,
        figures=figures,
        typical={name: typical(column) for name, column in figures.items()},
        estimate=estimate(log_ratios(columns[arm], columns[base])),
        unjudged=stage.unjudged,
        verdict=None if stage.unjudged else "inconclusive",
    )


def _with_verdicts(rows: Sequence[Row]) -> list[Row]:
    """Holm's adjustment runs over all rows of which something may be said."""
    judged = iter(verdicts([row.estimate for row in rows if row.verdict is not None]))
    return [row if row.verdict is None else replace(row, verdict=next(judged)) for row in rows]
