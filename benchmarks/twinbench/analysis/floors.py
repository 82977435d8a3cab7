"""What share of its framework's best an arm delivers."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.results.store import Run


@dataclass(frozen=True, slots=True)
class Share:
    """One page of one arm against its floor; all figures are geometric means over blocks.

    `cpu_share` is the floor's CPU per request as a share of the arm's, `throughput_share` the arm's
    requests per second as a share of the floor's: 1 would be as good as the bare framework.
    """

    arm: str
    page: str
    floor_cpu_ms: float
    arm_cpu_ms: float
    floor_rate: float
    arm_rate: float
    cpu_share: Estimate
    throughput_share: Estimate
    goal: float

    @property
    def reached(self) -> bool:
        """By CPU, the figure that neighbours on the machine disturb least."""
        return self.cpu_share.ratio >= self.goal


def compare_floors(run: Run) -> list[Share]:
    """Every page of every arm, in the order of the run's goals."""
    cpu: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    rate: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    rows = sorted(run.tables["saturation"].to_pylist(), key=lambda row: row["block"])
    for row in rows:
        key = (row["arm"], row["page"], row["target"])
        cpu[key].append(1000 * row["cpu_seconds"] / row["requests"])
        rate[key].append(row["requests"] / row["seconds"])
    shares = []
    for arm, pages in run.document["configuration"]["goals"].items():
        for page, goal in pages.items():
            floor, own = (arm, page, "floor"), (arm, page, "arm")
            shares.append(
                Share(
                    arm=arm,
                    page=page,
                    floor_cpu_ms=_mean(cpu[floor]),
                    arm_cpu_ms=_mean(cpu[own]),
                    floor_rate=_mean(rate[floor]),
                    arm_rate=_mean(rate[own]),
                    cpu_share=estimate(log_ratios(cpu[floor], cpu[own])),
                    throughput_share=estimate(log_ratios(rate[own], rate[floor])),
                    goal=goal,
                )
            )
    return shares


def _mean(figures: list[float]) -> float:
    return float(np.exp(np.mean(np.log(figures))))
