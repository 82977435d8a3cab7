"""Whether deploying one service disturbs fewer customers than deploying all, arm beside arm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twinbench.analysis.deployments import Deployed, Deployments
from twinbench.analysis.disturbance import disturbance_of
from twinbench.analysis.gaps import Gap, Tally, gap
from twinbench.analysis.judging import Judgement, judged
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.results.store import Run


@dataclass(frozen=True, slots=True)
class Independence:
    """A change of code by each arm's best strategy, `arm` beside `base`, over blocks.

    `disturbed` is about the journeys begun meanwhile that failed or took more than twice what 95 %
    of their kind took before, as a share of all begun meanwhile; `longer` how long a deployment
    takes, in times of the base's.
    """

    disturbed: Gap
    longer: Estimate

    @property
    def judgement(self) -> Judgement:
        return judged([self.disturbed.verdict], claimed="lower")


@dataclass(frozen=True, slots=True)
class _Made:
    disturbed: Tally
    seconds: float


def independence(run: Run, found: Deployments, *, arm: str, base: str) -> Independence | None:
    """From valid trials of blocks that have one of either arm; None where there are none."""
    if not {arm, base} <= found.best.keys():
        return None
    ours, theirs = (_made(run, found.best[one]) for one in (base, arm))
    blocks = sorted(ours.keys() & theirs.keys())
    if not blocks:
        return None
    first, second = ([own[block] for block in blocks] for own in (ours, theirs))
    longer = log_ratios([one.seconds for one in second], [one.seconds for one in first])
    return Independence(
        disturbed=gap([one.disturbed for one in first], [one.disturbed for one in second]),
        longer=estimate(longer),
    )


def rows_of(run: Run, kind: Deployed) -> list[dict[str, Any]]:
    """The deployments of one kind, as DEPLOYMENTS has them."""
    own = ("arm", "flavour", "strategy", "replicas")
    return [
        row
        for row in run.tables["deployments"].to_pylist()
        if all(row[name] == getattr(kind, name) for name in own)
    ]


def _made(run: Run, kind: Deployed) -> Mapping[int, _Made]:
    """By block; of several attempts the last valid one."""
    trials = {row["trial"]: row for row in run.trials.to_pylist()}
    made = {}
    for row in rows_of(run, kind):
        trial = trials[row["trial"]]
        if trial["valid"]:
            made[trial["block"]] = _one(run, row, trial["warmup_s"])
    return made


def _one(run: Run, row: Mapping[str, Any], warmup_s: float) -> _Made:
    seen = disturbance_of(row, run.requests([row["trial"]]), warmup_s=warmup_s, valid=True)
    disturbed = Tally(seen.failed_journeys + seen.slowed, seen.journeys)
    return _Made(disturbed, (row["ended_ns"] - row["began_ns"]) / 1e9)


def components_of(run: Run, arms: Sequence[str]) -> dict[str, int]:
    """How many components each arm was seen to have."""
    rows = run.resources.select(["arm", "component"]).to_pylist()
    return {arm: len({row["component"] for row in rows if row["arm"] == arm}) for arm in arms}
