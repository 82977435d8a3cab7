"""How much more it takes to begin with one arm than with another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from twinbench.analysis.judging import Judgement, counted, judged
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.simplicity import FIGURES, Known, Simplicity, whole
from twinbench.analysis.verdicts import Verdict, verdicts
from twinbench.results.store import Run

# What somebody must do, how long he then waits, and what the machine must have.
_STEPS: Final = "steps"
_MEASURED: Final = ("start_s", "memory_bytes")


@dataclass(frozen=True, slots=True)
class More:
    """A figure that was measured: `arm` in times of `base`, over blocks."""

    known: Known
    estimate: Estimate
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Beginning:
    """`arm` beside `base`: steps by hand, which are counted and exact, and what was measured of
    the time to a first answer and of memory at rest, Holm over the two."""

    steps: int
    base_steps: int
    measured: tuple[More, ...]

    @property
    def judgement(self) -> Judgement:
        """Of the claim that the arm takes more; open while one of the figures is missing."""
        said: list[Verdict | None] = [one.verdict for one in self.measured]
        missing: list[Verdict | None] = [None] * (len(_MEASURED) - len(said))
        return judged(
            [counted(self.base_steps, self.steps), *said, *missing],
            claimed="higher",
        )


def beginning(run: Run, *, arm: str, base: str) -> Beginning | None:
    """None where an arm is missing."""
    by_arm = whole(run, _STEPS)
    if not {arm, base} <= by_arm.keys():
        return None
    estimates = {name: ratio(whole(run, name), arm, base) for name in _MEASURED}
    seen = {name: one for name, one in estimates.items() if one is not None}
    said = verdicts(list(seen.values()))
    steps, base_steps = (round(sum(by_arm[one].values())) for one in (arm, base))
    known = {one.name: one for one in FIGURES}
    return Beginning(
        steps=steps,
        base_steps=base_steps,
        measured=tuple(
            More(known[name], one, verdict)
            for (name, one), verdict in zip(seen.items(), said, strict=True)
        ),
    )


def ratio(values: Mapping[str, Mapping[int, float]], arm: str, base: str) -> Estimate | None:
    """Over the blocks that have a figure of both; None where there is no such block."""
    ours, theirs = values.get(base, {}), values.get(arm, {})
    blocks = sorted(ours.keys() & theirs.keys())
    if not blocks:
        return None
    return estimate(log_ratios([theirs[one] for one in blocks], [ours[one] for one in blocks]))


def last_price(found: Simplicity, name: str) -> tuple[int, float] | None:
    """How many processes the same code was in before the last split, and what each further one
    cost; None where nothing was split."""
    prices = [one.prices[-1] for one in found.splits if one.known.name == name]
    return (found.grouped[-2][1], prices[0]) if prices else None
