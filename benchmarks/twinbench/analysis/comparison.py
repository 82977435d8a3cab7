"""The table that answers the question: both arms side by side, with what may be said."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from twinbench.analysis.percentiles import enough_for, percentile
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.samples import Latencies, Trial, final_trials, journey_waits
from twinbench.analysis.verdicts import Verdict, verdicts
from twinbench.results.store import Run

PERCENTILES: Final = (0.5, 0.95, 0.99)
_FEWEST_BLOCKS: Final = 2

Unit = Literal["ms", "CPU-ms", "MB"]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of both arms at one offered rate.

    `figures` holds one value per block and arm; `typical` their geometric mean. The ratio is that
    of `second` to `first`. `verdict` is None where trials were void, so that nothing may be said.
    """

    rate: float
    subject: str
    measure: str
    unit: Unit
    first: str
    second: str
    figures: Mapping[str, tuple[float, ...]]
    typical: Mapping[str, float]
    estimate: Estimate
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All rows of a run. `void` lists the trials that failed a gate in every attempt."""

    arms: tuple[str, str]
    rows: tuple[Row, ...]
    blocks: Mapping[float, int]
    void: tuple[Trial, ...]
    failed: Mapping[str, int]
    requests: Mapping[str, int]
    sound: bool


def compare(run: Run) -> Comparison:
    """Compare the two arms of a finished run.

    Only blocks in which both arms' trials are valid count. Where fewer than two remain at a rate,
    all its blocks are shown, but without a verdict, and the comparison is not `sound`.
    """
    trials = final_trials(run)
    first, second = run.document["configuration"]["arms"]
    rows: list[Row] = []
    blocks: dict[float, int] = {}
    sound = True
    for rate in sorted({trial.rate for trial in trials}):
        pairs, enough = _usable_blocks([trial for trial in trials if trial.rate == rate], second)
        blocks[rate] = len(pairs)
        sound &= enough
        found = _rows_at(run, rate, pairs, (first, second))
        rows += found if enough else [replace(row, verdict=None) for row in found]
    return Comparison(
        arms=(first, second),
        rows=tuple(_with_verdicts(rows)),
        blocks=blocks,
        void=tuple(trial for trial in trials if not trial.valid),
        failed={arm: sum(t.failed for t in trials if t.arm == arm) for arm in (first, second)},
        requests={arm: sum(t.requests for t in trials if t.arm == arm) for arm in (first, second)},
        sound=sound,
    )


Pair = tuple[Trial, Trial]


def _usable_blocks(trials: Sequence[Trial], second: str) -> tuple[list[Pair], bool]:
    by_block: dict[int, list[Trial]] = {}
    for trial in trials:
        by_block.setdefault(trial.block, []).append(trial)
    pairs: list[Pair] = []
    for _, members in sorted(by_block.items()):
        if len(members) == 2:  # noqa: PLR2004 - a pair
            one, two = sorted(members, key=lambda trial: trial.arm == second)
            pairs.append((one, two))
    valid = [pair for pair in pairs if all(trial.valid for trial in pair)]
    enough = len(valid) >= min(_FEWEST_BLOCKS, len(pairs))
    return (valid, True) if enough and valid else (pairs, False)


def _rows_at(run: Run, rate: float, pairs: list[Pair], arms: tuple[str, str]) -> list[Row]:
    waits = [(journey_waits(run, one.number), journey_waits(run, two.number)) for one, two in pairs]
    kinds = [kind for kind in run.document["configuration"]["mix"] if _everywhere(kind, waits)]
    rows = []
    for kind in kinds:
        fewest = min(len(trial[kind]) for pair in waits for trial in pair)
        for share in PERCENTILES:
            if enough_for(fewest, share):
                figures = [
                    (1000 * percentile(one[kind], share), 1000 * percentile(two[kind], share))
                    for one, two in waits
                ]
                rows.append(_row(rate, (kind, f"p{100 * share:g}", "ms"), figures, arms))
    whole: list[tuple[str, Unit, Callable[[Trial], float]]] = [
        ("CPU", "CPU-ms", lambda trial: trial.cpu_ms_per_transaction),
        ("memory", "MB", lambda trial: trial.pss_bytes / 1e6),
    ]
    for subject, unit, figure in whole:
        figures = [(figure(one), figure(two)) for one, two in pairs]
        if all(value > 0 for pair in figures for value in pair):
            rows.append(_row(rate, (subject, "", unit), figures, arms))
    return rows


def _everywhere(kind: str, waits: Iterable[tuple[Latencies, Latencies]]) -> bool:
    return all(kind in trial and len(trial[kind]) for pair in waits for trial in pair)


def _row(
    rate: float,
    what: tuple[str, str, Unit],
    figures: Sequence[tuple[float, float]],
    arms: tuple[str, str],
) -> Row:
    columns = {arm: tuple(pair[side] for pair in figures) for side, arm in enumerate(arms)}
    first, second = arms
    subject, measure, unit = what
    return Row(
        rate=rate,
        subject=subject,
        measure=measure,
        unit=unit,
        first=first,
        second=second,
        figures=columns,
        typical={arm: float(np.exp(np.mean(np.log(column)))) for arm, column in columns.items()},
        estimate=estimate(log_ratios(columns[second], columns[first])),
        verdict="inconclusive",
    )


def _with_verdicts(rows: Sequence[Row]) -> list[Row]:
    """Holm's adjustment runs over all rows of which something may be said."""
    judged = iter(verdicts([row.estimate for row in rows if row.verdict is not None]))
    return [row if row.verdict is None else replace(row, verdict=next(judged)) for row in rows]
