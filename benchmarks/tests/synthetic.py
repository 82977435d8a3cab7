"""Run folders with samples whose truth is known, made by the real writer."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from twinbench.experiments.design import Slot, randomised_blocks
from twinbench.load.recorder import Outcome, Row, requests_table
from twinbench.results.rows import Provenance, ResourceRow, TrialRow
from twinbench.results.store import Run, RunWriter

ARMS = ("monolith", "microservices")
THREE_ARMS = ("monolith", "modulith", "microservices")
MIX = {"browse": 60.0, "buy": 20.0, "account": 15.0, "operate": 5.0}
_MEDIAN_MS = {"browse": 60.0, "buy": 160.0, "account": 90.0, "operate": 40.0}
_PARTS = {
    "monolith": ("monolith-gateway", "monolith-web", "monolith-worker", "monolith-db"),
    "microservices": ("microservices-gateway", "catalog", "orders", "accounts", "catalog-db"),
    "modulith": ("modulith-gateway", "modulith-web", "modulith-db"),
}


def provenance(
    rates: tuple[float, ...],
    blocks: int,
    arms: tuple[str, ...] = ARMS,
    curve: tuple[float, ...] = (),
) -> Provenance:
    configuration = {
        "name": "quick", "arms": list(arms), "dataset": "small", "mix": MIX,
        "rates": list(rates), "curve": list(curve), "blocks": blocks,
        "warmup_s": 2.0, "measure_s": 6.0, "tail_s": 0.5, "judged": True,
    }  # fmt: skip
    return Provenance(
        experiment="latency",
        configuration=configuration,
        seed=1,
        revision="0" * 40,
        dirty=False,
        topology_digest="0" * 64,
        engine="process",
        limits={"generator_cores": [1], "arms": {arm: {"cores": [0]} for arm in arms}},
        host={"cpu_model": "test"},
        versions={"twinbench": "0"},
        command=("test",),
        started_at=datetime(2026, 11, 23, 9, 30, tzinfo=UTC),
    )


def request_rows(
    random: np.random.Generator, *, rate: float, factor: float, seconds: float
) -> list[Row]:
    """Journeys of two requests each, whose waits are lognormal around known medians x factor."""
    rows: list[Row] = []
    kinds = sorted(MIX)
    weights = np.array([MIX[kind] for kind in kinds]) / sum(MIX.values())
    for number, at in enumerate(np.sort(random.uniform(0, seconds, round(rate * seconds)))):
        kind = str(random.choice(kinds, p=weights))
        wait = _MEDIAN_MS[kind] * factor * random.lognormal(0, 0.25) / 1000
        for step, due in enumerate((float(at), float(at) + wait / 2 + 0.1)):
            outcome = Outcome(due + wait / 2, 200, 100, "one", None)
            rows.append(Row(number, kind, step, f"{kind} {step}", due, due + 1e-4, outcome))
    return rows


def write_run(
    root: Path,
    *,
    rates: tuple[float, ...] = (20.0, 40.0),
    blocks: int = 4,
    factor: float = 1.6,
    void: frozenset[int] = frozenset(),
    seed: int = 1,
    arms: tuple[str, ...] = ARMS,
    curve: tuple[float, ...] = (),
) -> Run:
    """A finished run: each arm takes `factor` times the one before; `void` are trial numbers."""
    random = np.random.default_rng(seed)
    origin = provenance(rates, blocks, arms, curve)
    writer = RunWriter.create(root, origin, tables=("trials", "resources"))
    slots = randomised_blocks(arms=arms, rates=rates, blocks=blocks, seed=seed)
    for number, slot in enumerate(slots, start=1):
        own = factor ** arms.index(slot.arm) * random.lognormal(0, 0.02)
        requests = request_rows(random, rate=slot.rate, factor=own, seconds=8.5)
        table = requests_table(requests, trial=number, origin=0.0)
        pq.write_table(table, writer.requests_path(number))
        row = trial_row(number, slot, factor=own, void=number in void)
        resources = resource_rows(number, slot.arm, own)
        writer.add_trial(number, {"trials": [row], "resources": resources})
    writer.finish()
    return Run.open(writer.folder)


def trial_row(number: int, slot: Slot, *, factor: float, void: bool) -> TrialRow:
    return TrialRow(
        trial=number, block=slot.block, position=slot.position, attempt=1, arm=slot.arm,
        offered_rate=slot.rate,
        seed=7, started_at=datetime(2026, 11, 23, 9, 31, tzinfo=UTC), origin_ns=0, warmup_s=2.0,
        measure_s=6.0, tail_s=0.5, arrivals=round(slot.rate * 6), achieved_rate=slot.rate,
        requests=round(slot.rate * 12), failed=0, transactions=slot.rate * 6,
        cpu_seconds=0.018 * factor * slot.rate * 6, pss_bytes=round(400e6 * factor), lag_p99_ms=1.0,
        generator_cpu=0.1, generator_wait=0.0, in_flight_mean=1.0, steal=0.0, foreign=0.0,
        valid=not void, reasons=("requests left late: p99 9.0 ms",) if void else (),
    )  # fmt: skip


def resource_rows(number: int, arm: str, factor: float) -> list[ResourceRow]:
    rows = []
    for index, component in enumerate(_PARTS[arm]):
        for at, memory in ((2.0, None), (8.0, round(80e6 * factor))):
            used = (at - 2.0) * 0.2 * factor / (index + 1)
            rows.append(
                ResourceRow(
                    trial=number, arm=arm, component=component, at_ns=round(at * 1e9),
                    processes=2, cpu_seconds=10 + used, voluntary_switches=5,
                    involuntary_switches=1, throttled_seconds=None, pss_bytes=memory,
                    swap_bytes=None if memory is None else 0, restarts=0,
                )
            )  # fmt: skip
    return rows
