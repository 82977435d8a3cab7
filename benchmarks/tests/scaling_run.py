"""Climbs of arms whose capacities are known, made by the real writer."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq

from tests.synthetic import ARMS, provenance, resource_rows, trial_row
from twinbench.experiments.design import Slot
from twinbench.load.recorder import Outcome, Row, requests_table
from twinbench.results.scaling import ClimbRow
from twinbench.results.store import Run, RunWriter

CASES: Final = (("cpus", 0.4), ("cpus", 0.6), ("cpus", 0.8), ("cpus", 1.0), ("hot", 3.0))
RATES: Final = tuple(5.0 * 1.1**step for step in range(24))
STEP_S: Final = 1.0
_EACH: Final = 10  # requests in a step


def scaling_run(
    root: Path,
    *,
    cases: tuple[tuple[str, float], ...] = CASES,
    blocks: int = 3,
    void: frozenset[str] = frozenset(),
    arms: tuple[str, ...] = ARMS,
    factor: float = 0.6,
    memory: float = 2.0,
) -> Run:
    """Each arm serves `factor` times what the one before does, and holds `memory` times as much.

    Climbs of the arms in `void` are voided.
    """
    own = provenance((), blocks, arms)
    objective = {"percentile": 95.0, "limit_ms": 200.0, "max_error_share": 0.001}
    configuration = own.configuration | {"objective": objective, "resolution": 0.1}
    origin = replace(own, experiment="scaling", configuration=configuration)
    writer = RunWriter.create(root, origin, tables=("trials", "resources", "climbs"))
    random, number = np.random.default_rng(3), 0
    for block in range(blocks):
        for case in cases:
            for place, arm in enumerate(arms):
                number += 1
                share = case[1] if case[0] == "cpus" else 1.0
                limit = 40 * share**0.9 * factor**place * random.lognormal(0, 0.03)
                table = requests_table(list(_rows(limit)), trial=number, origin=0.0)
                pq.write_table(table, writer.requests_path(number))
                slot = Slot(block, number, arm, RATES[0], 1)
                row = replace(
                    trial_row(number, slot, factor=memory**place, void=arm in void),
                    warmup_s=0.0, measure_s=STEP_S * len(RATES),
                )  # fmt: skip
                climb = ClimbRow(number, arm, *case, RATES, STEP_S)
                resources = resource_rows(number, arm, 1.0)
                writer.add_trial(
                    number, {"trials": [row], "resources": resources, "climbs": [climb]}
                )
    writer.finish()
    return Run.open(writer.folder)


def _rows(limit: float) -> Iterator[Row]:
    """Answered in 10 ms up to the limit, in 1 s beyond it."""
    for number, rate in enumerate(RATES):
        wait = 0.01 if rate <= limit else 1.0
        for place in range(_EACH):
            due = (number + place / _EACH) * STEP_S
            outcome = Outcome(due + wait, 200, 100, None, None)
            yield Row(_EACH * number + place, "browse", 0, "list", due, due, outcome)
