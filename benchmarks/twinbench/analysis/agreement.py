"""How much later effects are seen in one arm than in another, and how many never were."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twinbench.analysis.consistency import PARTS, Consistency
from twinbench.analysis.judging import Judgement, judged
from twinbench.analysis.levels import Level, positive_level
from twinbench.analysis.percentiles import percentiles
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.struck import wilson
from twinbench.analysis.verdicts import Verdict, verdicts
from twinbench.results.store import Run

Medians = Mapping[tuple[str, str, str], Mapping[int, float]]
"""Milliseconds until an effect was seen, by part, effect and arm, then by block."""


@dataclass(frozen=True, slots=True)
class Later:
    """Windows of one part: an arm's in times of another's.

    Per block the geometric mean over effects of the ratio of medians, then over blocks.
    """

    part: str
    estimate: Estimate
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Wrong:
    """Effects of an arm that were lost or came too often, of those due; `high` is the upper end of
    the share's 95 % interval (Wilson)."""

    count: int
    due: int
    high: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """What splitting the data loses, `arm` beside `base`. Verdicts are None in an unsound run."""

    later: tuple[Later, ...]
    wrong: Wrong
    base_wrong: Wrong
    sound: bool

    @property
    def judgement(self) -> Judgement:
        """Of the claim that something is lost: effects, or agreement for a while longer."""
        if self.wrong.count > self.base_wrong.count:
            return "holds"
        return judged([one.verdict if self.sound else None for one in self.later], claimed="higher")


def agreement(run: Run, found: Consistency, *, arm: str, base: str) -> Agreement:
    """Of a finished run with both arms."""
    medians = medians_of(run, sound=found.sound)
    ratios = {part: _ratios(medians, part, arm, base) for part in PARTS}
    known = {part: estimate(logs) for part, logs in ratios.items() if len(logs)}
    said = verdicts(list(known.values()))
    return Agreement(
        later=tuple(
            Later(part, one, verdict)
            for (part, one), verdict in zip(known.items(), said, strict=True)
        ),
        wrong=_wrong(found, arm),
        base_wrong=_wrong(found, base),
        sound=found.sound,
    )


def medians_of(run: Run, *, sound: bool) -> Medians:
    """Trials that a gate voided are left out of a sound run."""
    trials = run.trials.to_pylist()
    voided = {row["trial"] for row in trials if not row["valid"]} if sound else set[int]()
    seen: dict[tuple[str, str, str], dict[int, list[float]]] = {}
    for row in run.tables["windows"].to_pylist():
        if row["trial"] not in voided:
            by_block = seen.setdefault((row["part"], row["effect"], row["arm"]), {})
            by_block.setdefault(row["block"], []).append(_seen_ms(row))
    return {
        place: {b: percentiles(np.array(own), (0.5,))[0] for b, own in by_block.items()}
        for place, by_block in seen.items()
    }


def levels_of(medians: Medians) -> dict[tuple[str, str, str], Level]:
    """Over blocks; infinite where one of them never saw half of the effects."""
    return {place: positive_level(list(own.values())) for place, own in medians.items()}


def _seen_ms(row: Mapping[str, Any]) -> float:
    return math.inf if row["seen_ms"] is None else float(row["seen_ms"])


def _ratios(medians: Medians, part: str, arm: str, base: str) -> NDArray[np.float64]:
    """Logs of one ratio per block, over the effects that both arms show in all those blocks."""
    effects = [what for own, what, whose in medians if (own, whose) == (part, arm)]
    shared = [what for what in effects if (part, what, base) in medians]
    if not shared:
        return np.empty(0)
    blocks = set.intersection(
        *(set(medians[part, what, whose]) for what in shared for whose in (arm, base))
    )
    by_effect = [
        log_ratios(
            [medians[part, what, arm][block] for block in sorted(blocks)],
            [medians[part, what, base][block] for block in sorted(blocks)],
        )
        for what in shared
    ]
    return np.asarray(np.mean(by_effect, axis=0), float)


def _wrong(found: Consistency, arm: str) -> Wrong:
    own = [one for one in found.effects if one.arm == arm]
    count, due = sum(one.lost + one.doubled for one in own), sum(one.due for one in own)
    return Wrong(count, due, wilson(min(count, due), due)[1])
