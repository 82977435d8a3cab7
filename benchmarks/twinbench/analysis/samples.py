"""From a run's tables to what each trial's customers waited."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from twinbench.results.store import Run

Kind = Literal["journey", "request", "arm"]
Latencies = Mapping[str, NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Trial:
    """What analysis needs of a trial's row. Durations in seconds."""

    number: int
    block: int
    arm: str
    rate: float
    valid: bool
    reasons: tuple[str, ...]
    warmup_s: float
    measure_s: float
    cpu_ms_per_transaction: float
    pss_bytes: int
    requests: int
    failed: int


@dataclass(frozen=True, slots=True)
class Failures:
    """How many went wrong, or never ended, of how many."""

    failed: int
    total: int

    @property
    def share(self) -> float:
        return self.failed / self.total if self.total else 0.0

    def __add__(self, other: "Failures") -> "Failures":
        return Failures(self.failed + other.failed, self.total + other.total)


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds that journeys and requests of a trial's window took, by their names.

    A journey waits for the sum over its requests of finish - intended start, pauses left out. What
    never ended waits for ever (inf); what failed is left out, for it did not take place. `failures`
    counts both, by kind and name.
    """

    journeys: Latencies
    requests: Latencies
    failures: Mapping[tuple[Kind, str], Failures]


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
            warmup_s=row["warmup_s"],
            measure_s=row["measure_s"],
            cpu_ms_per_transaction=(
                1000 * row["cpu_seconds"] / transactions if transactions else float("inf")
            ),
            pss_bytes=row["pss_bytes"],
            requests=row["requests"],
            failed=row["failed"],
        )
    return list(last.values())


def waits_of(run: Run, trial: Trial) -> Waits:
    """The waits of one trial of a finished run."""
    table = run.requests([trial.number])
    return waits_in(table, warmup_s=trial.warmup_s, measure_s=trial.measure_s)


def waits_in(table: pa.Table, *, warmup_s: float, measure_s: float) -> Waits:
    """The waits in one trial's requests, in the REQUESTS schema.

    Journeys belong to the measured window by their arrival, requests by theirs. Memory: about 100
    bytes a request, given back on return.
    """
    journey = table["journey_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    intended = table["intended_ns"].to_numpy()
    finished = table["finished_ns"].cast(pa.float64()).fill_null(np.inf).to_numpy()
    waited = (finished - intended) / 1e9
    unended = np.isinf(waited)
    failed = table["error"].is_valid().to_numpy() & ~unended
    begin = warmup_s * 1e9
    inside = (intended >= begin) & (intended < begin + measure_s * 1e9)

    count = int(journey.max(initial=-1)) + 1
    whole = np.bincount(journey, weights=waited, minlength=count)
    broken = np.zeros(count, dtype=bool)
    broken[journey[failed]] = True
    kinds, names = _labels(table["journey"])
    arrivals = np.flatnonzero(inside & (table["step"].to_numpy() == 0))
    own = journey[arrivals]
    journeys, failures = _by_label("journey", names, kinds[arrivals], whole[own], broken[own])

    kinds, names = _labels(table["request"])
    at = np.flatnonzero(inside)
    requests, more = _by_label("request", names, kinds[at], waited[at], failed[at])
    return Waits(journeys, requests, failures | more)


def _labels(column: pa.ChunkedArray) -> tuple[NDArray[np.int16], list[str]]:
    """Codes and what they stand for."""
    encoded = column.unify_dictionaries().combine_chunks()
    return encoded.indices.to_numpy(), encoded.dictionary.to_pylist()


def _by_label(
    kind: Kind,
    names: list[str],
    codes: NDArray[np.int16],
    waited: NDArray[np.float64],
    failed: NDArray[np.bool_],
) -> tuple[dict[str, NDArray[np.float64]], dict[tuple[Kind, str], Failures]]:
    """Waits of what did not fail, and the count of what did, by name."""
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(len(names) + 1))
    waits: dict[str, NDArray[np.float64]] = {}
    failures: dict[tuple[Kind, str], Failures] = {}
    for name, begin, end in zip(names, edges[:-1], edges[1:], strict=True):
        own = order[begin:end]
        if len(own):
            kept = waited[own[~failed[own]]]
            lost = len(own) - len(kept) + int(np.isinf(kept).sum())
            failures[kind, name] = Failures(lost, len(own))
            if len(kept):
                waits[name] = kept
    return waits, failures


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
