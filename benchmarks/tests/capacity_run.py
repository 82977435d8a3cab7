"""Capacity searches over arms whose capacity is known, made by the real writer and the search."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq

from tests.synthetic import THREE_ARMS, provenance, trial_row
from twinbench.analysis.capacities import search_for
from twinbench.analysis.capacity import Observation, Probe, next_step
from twinbench.experiments.design import Slot
from twinbench.load.recorder import Outcome, Row, requests_table
from twinbench.results.store import Run, RunWriter

CAPACITIES: Final = {"monolith": 40.0, "modulith": 34.0, "microservices": 25.0}
_CONFIRM_S: Final = 12.0
_MEASURE_S: Final = 6.0
_ABLE: Final = 60.0


def capacity_run(
    root: Path,
    *,
    truth: Mapping[str, float] | None = None,
    void: frozenset[str] = frozenset(),
) -> Run:
    """Arms answer in 50 ms up to their capacity, in 2 s above; trials of those in `void` are."""
    known = truth or CAPACITIES
    own = provenance((), 0, THREE_ARMS)
    configuration = own.configuration | {
        "confirm_s": _CONFIRM_S, "resolution": 0.05, "budget": {"cpus": None},
        "objective": {"percentile": 95.0, "limit_ms": 200.0, "max_error_share": 0.001},
    }  # fmt: skip
    origin = replace(own, experiment="capacity", configuration=configuration)
    writer = RunWriter.create(root, origin, tables=("trials", "resources"))
    writer.note("planned", able=dict.fromkeys(THREE_ARMS, _ABLE))
    number = 0
    for arm in THREE_ARMS:
        seen: list[Observation] = []
        while isinstance(step := next_step(search_for(_ABLE, configuration), seen), Probe):
            number += 1
            latency_ms = 50.0 if step.rate <= known[arm] else 2000.0
            seen.append(Observation(step.rate, latency_ms, 0.0, arm not in void, step.confirming))
            _add(writer, number, arm, step, latency_ms, void=arm in void)
    writer.finish()
    return Run.open(writer.folder)


def _add(
    writer: RunWriter, number: int, arm: str, step: Probe, latency_ms: float, *, void: bool
) -> None:
    rows = [
        Row(
            place, "browse", 0, "list", 3.0 + place / 100, 3.0 + place / 100,
            Outcome(3.0 + place / 100 + latency_ms / 1000, 200, 100, "one", None),
        )
        for place in range(40)
    ]  # fmt: skip
    pq.write_table(requests_table(rows, trial=number, origin=0.0), writer.requests_path(number))
    slot = Slot(number, number, arm, step.rate, seed=1)
    row = replace(
        trial_row(number, slot, factor=1.0, void=void),
        measure_s=_CONFIRM_S if step.confirming else _MEASURE_S,
    )
    writer.add_trial(number, {"trials": [row], "resources": []})
