"""Capacities of climbs whose truth is known: their means, ratios and law."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pytest

from twinbench.analysis.scaling import scaling
from twinbench.results.schema import REQUESTS
from twinbench.results.store import Run, table_of

RATES = tuple(float(10 * 1.1**step) for step in range(30))
STEP_S = 1.0
LEVELS = (0.25, 0.5, 0.75, 1.0)


def answered_up_to(limit: float) -> pa.Table:
    """Ten requests in each step: 1 ms up to the limit, 1 s beyond it."""
    rows = []
    for number, rate in enumerate(RATES):
        wait = 0.001 if rate <= limit * 1.0001 else 1.0
        for place in range(10):
            at = number * STEP_S + place * STEP_S / 10
            rows.append(
                {
                    "trial": 1, "journey_id": 10 * number + place, "journey": "probe", "step": 0,
                    "request": "probe", "intended_ns": round(at * 1e9),
                    "sent_ns": round(at * 1e9), "finished_ns": round((at + wait) * 1e9),
                    "status": 200, "bytes": 1, "replica": None, "error": None,
                }
            )  # fmt: skip
    return table_of(rows, REQUESTS)


@dataclass
class Known:
    """In place of a run: climbs that end where they are told to."""

    arms: tuple[str, ...]
    climbs: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    limits: dict[int, float] = field(default_factory=dict)
    folder: Path = Path()

    def add(self, block: int, arm: str, level: float, limit: float, *, valid: bool = True) -> None:
        number = len(self.rows) + 1
        self.limits[number] = limit
        self.climbs.append(
            {"trial": number, "arm": arm, "factor": "cpus", "level": level, "rates": RATES,
             "step_s": STEP_S}
        )  # fmt: skip
        self.rows.append(
            {"trial": number, "block": block, "valid": valid, "warmup_s": 0.0,
             "transactions": 100.0, "cpu_seconds": 2.0, "pss_bytes": 10**8}
        )  # fmt: skip

    @property
    def document(self) -> dict[str, Any]:
        objective = {"percentile": 95.0, "limit_ms": 200.0, "max_error_share": 0.001}
        return {
            "configuration": {"arms": list(self.arms), "objective": objective, "resolution": 0.1},
            "limits": {"arms": {arm: {"cores": [0, 1]} for arm in self.arms}},
        }

    @property
    def trials(self) -> pa.Table:
        return pa.Table.from_pylist(self.rows)

    @property
    def tables(self) -> dict[str, pa.Table]:
        return {"climbs": pa.Table.from_pylist(self.climbs)}

    def requests(self, trials: list[int]) -> pa.Table:
        return answered_up_to(self.limits[trials[0]])


def test_capacities_are_means_over_blocks_and_ratios_are_by_block() -> None:
    run = Known(("monolith", "microservices"))
    for block, (one, other) in enumerate([(RATES[10], RATES[5]), (RATES[12], RATES[7])]):
        run.add(block, "monolith", 1.0, one)
        run.add(block, "microservices", 1.0, other)
    found = scaling(cast("Run", run))
    monolith, _ = found.reaches
    assert monolith.capacity == pytest.approx(RATES[11])
    assert monolith.low < RATES[11] < monolith.high
    assert (monolith.cpu_ms, monolith.blocks, monolith.at_least) == (20.0, 2, False)
    [beside] = found.beside
    assert beside.estimate.ratio == pytest.approx(1.1**-5)
    assert found.sound


def test_void_climbs_do_not_count() -> None:
    run = Known(("monolith",))
    run.add(0, "monolith", 1.0, RATES[4])
    run.add(1, "monolith", 1.0, RATES[20], valid=False)
    [reach] = scaling(cast("Run", run)).reaches
    assert reach.capacity == pytest.approx(RATES[4])
    assert (reach.voided, reach.blocks) == (1, 1)


def test_an_arm_that_meets_nothing_has_no_capacity() -> None:
    run = Known(("monolith",))
    run.add(0, "monolith", 1.0, 0.0)
    found = scaling(cast("Run", run))
    assert found.reaches[0].capacity is None
    assert not found.sound


def test_budgets_that_add_up_show_no_peak() -> None:
    """In steps of 10 %, capacity grows as the budget does."""
    random = np.random.default_rng(1)
    run = Known(("monolith",))
    for block in range(4):
        for level in LEVELS:
            place = np.searchsorted(RATES, 100 * level * random.uniform(0.98, 1.02)) - 1
            run.add(block, "monolith", level, RATES[place])
    found = scaling(cast("Run", run))
    assert found.unit == 0.5
    law = found.laws["monolith"]
    assert law.throughput(4) == pytest.approx(100, rel=0.15)
    assert law.rate.low < 25 < law.rate.high * 1.1
