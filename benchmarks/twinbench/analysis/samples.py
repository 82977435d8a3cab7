"""From a run's tables to one figure per trial."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from twinbench.results.store import Run

Latencies = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What analysis needs of a trial's row."""

    number: int
    block: int
    arm: str
    rate: float
    valid: bool
    reasons: tuple[str, ...]
    cpu_ms_per_transaction: float
    pss_bytes: int
    requests: int
    failed: int


def final_trials(run: Run) -> list[Trial]:
    """The last attempt at each trial, in the order they were made."""
    last: dict[tuple[float, int, str], Trial] = {}
    for row in run.trials.to_pylist():
        transactions = row["transactions"]
        last[row["offered_rate"], row["block"], row["arm"]] = Trial(
            number=row["trial"],
            block=row["block"],
            arm=row["arm"],
            rate=row["offered_rate"],
            valid=row["valid"],
            reasons=tuple(row["reasons"]),
            cpu_ms_per_transaction=(
                1000 * row["cpu_seconds"] / transactions if transactions else float("inf")
            ),
            pss_bytes=row["pss_bytes"],
            requests=row["requests"],
            failed=row["failed"],
        )
    return list(last.values())


def journey_waits(run: Run, trial: int) -> Latencies:
    """Per journey kind, seconds that each measured journey made its customer wait.

    That is the sum over its requests of finish - intended start, pauses left out. A journey with a
    request that never ended waits for ever (inf); one that failed is left out: it did not take
    place, and is counted as failed. Journeys belong to the trial's window by their arrival.
    """
    table = run.requests([trial])
    window = _window(run, trial)
    journey = table["journey_id"].to_numpy()
    intended = table["intended_ns"].to_numpy()
    finished = table["finished_ns"].cast(pa.float64()).fill_null(np.inf).to_numpy()
    kinds = np.asarray(table["journey"].cast(pa.string()))
    error = np.asarray(table["error"].cast(pa.string()).fill_null(""))
    size = int(journey.max(initial=-1)) + 1
    waits = np.zeros(size)
    np.add.at(waits, journey, (finished - intended) / 1e9)
    failed = np.zeros(size, dtype=bool)
    failed[journey[(error != "") & (error != "unfinished")]] = True
    first = table["step"].to_numpy() == 0
    measured = first & (intended >= window[0]) & (intended < window[1])
    measured &= ~failed[journey]
    return {
        str(kind): waits[journey[measured & (kinds == kind)]] for kind in np.unique(kinds[measured])
    }


def pool(waits: Iterable[Latencies]) -> dict[str, NDArray[np.float64]]:
    """The samples of several trials together, for drawing; estimates keep trials apart."""
    pooled: dict[str, list[NDArray[np.float64]]] = {}
    for trial in waits:
        for kind, samples in trial.items():
            pooled.setdefault(kind, []).append(samples)
    return {kind: np.concatenate(samples) for kind, samples in pooled.items()}


def component_figures(run: Run, trials: Iterable[int]) -> dict[str, dict[str, tuple[float, float]]]:
    """Per arm and component: mean share of a core used, and median PSS in bytes, over trials."""
    rows = run.resources.filter(pc.field("trial").isin(list(trials))).to_pylist()
    readings: dict[tuple[str, str], dict[int, list[dict[str, float]]]] = {}
    for row in rows:
        by_trial = readings.setdefault((row["arm"], row["component"]), {})
        by_trial.setdefault(row["trial"], []).append(row)
    figures: dict[str, dict[str, tuple[float, float]]] = {}
    for (arm, component), by_trial in readings.items():
        cores = [_cores_used(series) for series in by_trial.values()]
        memory = [
            row["pss_bytes"] for series in by_trial.values() for row in series if row["pss_bytes"]
        ]
        figures.setdefault(arm, {})[component] = (
            float(np.mean(cores)),
            float(np.median(memory)) if memory else 0.0,
        )
    return figures


def _cores_used(series: list[dict[str, float]]) -> float:
    first, last = series[0], series[-1]
    elapsed = (last["at_ns"] - first["at_ns"]) / 1e9
    return (last["cpu_seconds"] - first["cpu_seconds"]) / elapsed if elapsed > 0 else 0.0


def _window(run: Run, trial: int) -> tuple[float, float]:
    row = run.trials.filter(pc.field("trial") == trial).to_pylist()[0]
    begin = row["warmup_s"] * 1e9
    return begin, begin + row["measure_s"] * 1e9
