"""Latency: what every journey costs its customer, and the machine, in each arm.

Both arms get the same journeys at the same fixed rates, one arm at a time with the other frozen,
in randomised complete blocks.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from twinbench.engines.protocol import Engine
from twinbench.experiments.bench import Bench, arms_up, prepared_bench, run_provenance
from twinbench.experiments.design import Slot, randomised_blocks
from twinbench.experiments.gates import Gates
from twinbench.experiments.profiles import LatencyProfile
from twinbench.experiments.trial import Trials
from twinbench.experiments.watcher import Watcher
from twinbench.load.generator import Generator
from twinbench.load.plan import Shop
from twinbench.load.preparation import PreparationError, prepare_shop, read_range
from twinbench.load.workload import default_workload
from twinbench.results.rows import AnyRow
from twinbench.results.store import RunWriter

ARMS: Final = ("monolith", "microservices")


@dataclass(frozen=True, slots=True)
class LatencySettings:
    """What is to be run, and where its folder goes. Rates of the profile unless others are set."""

    profile: LatencyProfile
    seed: int
    out: Path
    gates: Gates = field(default_factory=Gates)

    def configuration(self) -> dict[str, Any]:
        workload = asdict(default_workload())
        return {"arms": list(ARMS), "gates": asdict(self.gates)} | asdict(self.profile) | workload


def run_latency(engine: Engine, settings: LatencySettings, watcher: Watcher) -> Path:
    """Run the experiment and return its run folder.

    Arms that were down are brought up, and taken down again when all is done or given up.
    Raises EngineError, PreparationError, GeneratorError or OSError.
    """
    deadline = time.monotonic() + settings.profile.budget_s
    with arms_up(engine, ARMS, watcher):
        if settings.profile.reset:
            watcher.phase("putting the data back to where they began")
            for arm in ARMS:
                engine.reset(arm)
        with prepared_bench(engine, ARMS) as bench:
            return _measure(bench, settings, watcher, deadline)


def _measure(bench: Bench, settings: LatencySettings, watcher: Watcher, deadline: float) -> Path:
    profile = settings.profile
    watcher.phase("signing customers in")
    shops = _shops(bench)
    slots = randomised_blocks(
        arms=ARMS, rates=profile.rates, blocks=profile.blocks, seed=settings.seed
    )
    provenance = run_provenance(
        bench, "latency", configuration=settings.configuration(), seed=settings.seed
    )
    writer = RunWriter.create(settings.out, provenance, tables=("trials", "resources"))
    watcher.planned(len(slots) * profile.trial_s)
    with Generator() as generator:
        trials = Trials(bench, generator, profile, default_workload(), shops, settings.gates)
        _run_slots(trials, slots, writer, watcher, deadline=deadline)
    writer.finish()
    return writer.folder


def _run_slots(
    trials: Trials, slots: list[Slot], writer: RunWriter, watcher: Watcher, *, deadline: float
) -> None:
    """Each slot once; a voided one a second time, if all others still end before the deadline."""
    number = 0
    for position, slot in enumerate(slots):
        still_to_come = (len(slots) - position - 1) * trials.profile.trial_s
        for attempt in (1, 2):
            number += 1
            watcher.trial_begins(_describe(slot, trials.profile), trials.profile.trial_s)
            row, resources = trials.run(
                slot, number=number, attempt=attempt, requests=writer.requests_path(number)
            )
            rows: dict[str, Sequence[AnyRow]] = {"trials": [row], "resources": resources}
            writer.add_trial(number, rows, arm=slot.arm, valid=row.valid, reasons=list(row.reasons))
            watcher.trial_ended(row)
            end_of_retry = time.monotonic() + trials.profile.trial_s
            if row.valid or attempt == 2 or end_of_retry + still_to_come > deadline:  # noqa: PLR2004
                break
            watcher.retry(row, trials.profile.trial_s)


def _describe(slot: Slot, profile: LatencyProfile) -> str:
    return f"block {slot.block + 1}/{profile.blocks}: {slot.arm} at {slot.rate:g} journeys/s"


def _shops(bench: Bench) -> dict[str, Shop]:
    """Both arms answer now; which products and words are used is read from the first for all."""
    workload = default_workload()
    addresses = {arm: bench.engine.gateway(arm) for arm in bench.arms}
    ranges = {arm: read_range(address) for arm, address in addresses.items()}
    goods = ranges[bench.arms[0]]
    for arm, found in ranges.items():
        if found.product_count != goods.product_count:
            raise PreparationError(
                f"{arm} sells {found.product_count} products, {bench.arms[0]} "
                f"{goods.product_count}: the arms hold different data"
            )
    return {
        arm: prepare_shop(address, goods, customers=workload.customers)
        for arm, address in addresses.items()
    }
