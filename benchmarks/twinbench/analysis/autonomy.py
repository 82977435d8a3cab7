"""Whether a capability goes ahead alone more easily in one arm than in another."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twinbench.analysis.decentralization import Decentralization, Owned, Reported
from twinbench.analysis.judging import Judgement, counted, judged
from twinbench.analysis.levels import Level, positive_level
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.verdicts import Verdict, verdicts
from twinbench.results.store import Run

Seconds = Mapping[tuple[str, str], Mapping[int, float]]
"""From an edited line to its being served, by capability and arm, then by block."""


@dataclass(frozen=True, slots=True)
class Autonomy:
    """`arm` beside `base`.

    `pace` is the time from an edited line to its being served, in times of the base's: per block
    the geometric mean over capabilities, then over blocks. Tables that the code of a capability can
    read though they are others' are counted, and exact.
    """

    arm: Owned
    base: Owned
    pace: Estimate
    verdict: Verdict

    @property
    def judgement(self) -> Judgement:
        """Of the claim that data are each capability's own, and it is sooner with customers."""
        data = counted(self.base.most_others, self.arm.most_others)
        return judged([data, self.verdict], claimed="lower")


def autonomy(run: Run, found: Decentralization, *, arm: str, base: str) -> Autonomy | None:
    """None where an arm is missing, or no capability was edited in both."""
    owned = {one.arm: one for one in found.owned}
    logs = _logs(seconds_of(run), arm, base)
    if not {arm, base} <= owned.keys() or not len(logs):
        return None
    known = estimate(logs)
    return Autonomy(owned[arm], owned[base], known, verdicts([known])[0])


def seconds_of(run: Run) -> Seconds:
    """With tests where they were run for that capability in every arm, else without them."""
    rows = run.tables["paces"].to_pylist()
    untested = {row["capability"] for row in rows if row["test_s"] is None}
    found: dict[tuple[str, str], dict[int, float]] = {}
    for row in rows:
        test_s = 0.0 if row["capability"] in untested else row["test_s"]
        own = found.setdefault((row["capability"], row["arm"]), {})
        own[row["block"]] = test_s + row["build_s"] + row["serve_s"]
    return found


def levels_of(seconds: Seconds) -> dict[tuple[str, str], Level]:
    """Over blocks."""
    return {place: positive_level(list(own.values())) for place, own in seconds.items()}


def soonest(found: Decentralization, arm: str) -> Reported | None:
    """The arm's fastest way to the report over all; None where it was not asked for one."""
    own = [one for one in found.reported if one.arm == arm]
    return min(own, key=lambda one: one.ms, default=None)


def _logs(seconds: Seconds, arm: str, base: str) -> NDArray[np.float64]:
    """Of each block the mean log-ratio over the capabilities that were edited in both arms."""
    shared = [what for what, whose in seconds if whose == arm and (what, base) in seconds]
    ratios: dict[int, list[float]] = {}
    for what in shared:
        ours, theirs = seconds[what, base], seconds[what, arm]
        blocks = sorted(ours.keys() & theirs.keys())
        logs = log_ratios([theirs[block] for block in blocks], [ours[block] for block in blocks])
        for block, log in zip(blocks, logs, strict=True):
            ratios.setdefault(block, []).append(float(log))
    return np.array([np.mean(ratios[block]) for block in sorted(ratios)])
