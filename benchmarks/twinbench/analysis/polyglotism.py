"""What other implementations of a component gain and cost, from a run of `polyglotism`."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from twinbench.analysis.percentiles import percentile
from twinbench.analysis.ratios import Estimate, estimate, log_ratios
from twinbench.analysis.samples import Waits, waits_in
from twinbench.analysis.verdicts import Verdict, verdicts
from twinbench.results.store import Run

_STEADY: Final = "steady"
# Placing one asks for the cart, and for prices and stock of what is in it.
_ORDER: Final = "order"
_MB: Final = 1e6


@dataclass(frozen=True, slots=True)
class Gain:
    """One figure of a component in its two implementations: geometric means over blocks, and the
    ratio of the other to the original. `verdict` is None where no undisturbed block has both."""

    component: str
    what: str
    unit: str
    original: float
    other: float
    estimate: Estimate
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Swaps:
    """All replacements of one original by the other, under load; `seconds` is their median.

    Of all `requests` that were sent in these trials, some went wrong or were never answered: those
    that need the component are `failed`, of which there should be none, and the rest `crossed` a
    close of the gateway's connections. `reasons` are those of replacements that did not take place.
    """

    component: str
    original: str
    other: str
    count: int
    seconds: float
    requests: int
    failed: int
    crossed: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Side:
    """One implementation: `version` as it told, and what there is to write and to bring along."""

    component: str
    name: str
    version: str
    lines: int
    test_lines: int
    packages: int
    installed_mb: float


@dataclass(frozen=True, slots=True)
class Polyglotism:
    gains: tuple[Gain, ...]
    swaps: tuple[Swaps, ...]
    sides: tuple[Side, ...]

    @property
    def sound(self) -> bool:
        """Whether every figure has an undisturbed pair."""
        return all(gain.verdict is not None for gain in self.gains)

    @property
    def kept(self) -> bool:
        """Whether every replacement took place, and nobody noticed."""
        return not any(swap.reasons or swap.failed for swap in self.swaps)


@dataclass(frozen=True, slots=True)
class _Trial:
    """A row of REPLACEMENTS with that of its trial."""

    told: Mapping[str, Any]
    row: Mapping[str, Any]

    @property
    def number(self) -> int:
        return int(self.told["trial"])


def polyglotism(run: Run) -> Polyglotism:
    """Of a finished run."""
    rows = {row["trial"]: row for row in run.trials.to_pylist()}
    trials = [_Trial(told, rows[told["trial"]]) for told in run.tables["replacements"].to_pylist()]
    pairs = run.document["configuration"]["replacements"]
    gains = [gain for pair in pairs for gain in _gains(run, pair, trials)]
    judged = [gain for gain in gains if gain.verdict is not None]
    found = iter(verdicts([gain.estimate for gain in judged]))
    return Polyglotism(
        gains=tuple(gain if gain.verdict is None else _with(gain, next(found)) for gain in gains),
        swaps=tuple(_swaps(run, pair, trials) for pair in pairs),
        sides=tuple(side for pair in pairs for side in _sides(run, pair, trials)),
    )


def _with(gain: Gain, verdict: Verdict) -> Gain:
    return replace(gain, verdict=verdict)


def _gains(run: Run, pair: Mapping[str, Any], trials: Sequence[_Trial]) -> Iterator[Gain]:
    names = pair["original"]["name"], pair["other"]["name"]
    steady = [one for one in trials if one.told["kind"] == _STEADY]
    by_place = {(one.told["block"], one.told["implementation"]): one for one in steady}
    blocks = sorted({block for block, _ in by_place})
    both = [[by_place.get((block, name)) for name in names] for block in blocks]
    complete = [[one for one in two if one is not None] for two in both]
    complete = [two for two in complete if len(two) == len(names)]
    usable = [two for two in complete if all(one.row["valid"] for one in two)]
    columns = [
        [_figures(run, pair, one, store) for one, store in zip(two, _stores(pair), strict=True)]
        for two in usable or complete
    ]
    if not columns:
        return
    shared = [key for key in columns[0][0] if all(key in one for two in columns for one in two)]
    for what, unit in shared:
        first, second = ([two[side][what, unit] for two in columns] for side in (0, 1))
        yield Gain(
            component=pair["component"],
            what=what,
            unit=unit,
            original=_mean(first),
            other=_mean(second),
            estimate=estimate(log_ratios(second, first)),
            verdict="inconclusive" if usable else None,
        )


def _stores(pair: Mapping[str, Any]) -> tuple[str, str]:
    return pair["original"]["store"], pair["other"]["store"]


def _figures(
    run: Run, pair: Mapping[str, Any], trial: _Trial, store: str
) -> dict[tuple[str, str], float]:
    """All that are positive and finite. CPU is by the requests that the component was asked through
    the gateway, and includes what other services asked of it meanwhile."""
    waits = _waits(run, trial)
    asked = [waits.requests[name] for name in pair["requests"] if name in waits.requests]
    latencies = np.concatenate(asked) if asked else np.array([])
    figures: dict[tuple[str, str], float] = {}
    if len(latencies):
        figures["p50", "ms"] = 1000 * percentile(latencies, 0.5)
        figures["p95", "ms"] = 1000 * percentile(latencies, 0.95)
        cpu = {name: _cpu_seconds(run, trial, name) for name in (pair["component"], store)}
        figures["CPU per request, app", "ms"] = 1000 * cpu[pair["component"]] / len(latencies)
        figures["CPU per request, with its store", "ms"] = 1000 * sum(cpu.values()) / len(latencies)
    figures["memory under load, app", "MB"] = _memory(run, trial, pair["component"])
    figures["memory under load, its store", "MB"] = _memory(run, trial, store)
    figures["memory when started, app", "MB"] = (trial.told["idle_bytes"] or 0) / _MB
    figures["cold start", "s"] = trial.told["cold_start_s"] or 0.0
    return {key: value for key, value in figures.items() if 0 < value < math.inf}


def _waits(run: Run, trial: _Trial) -> Waits:
    table = run.requests([trial.number])
    return waits_in(table, warmup_s=trial.row["warmup_s"], measure_s=trial.row["measure_s"])


def _readings(run: Run, trial: _Trial, component: str) -> list[Mapping[str, Any]]:
    return [
        row
        for row in run.resources.to_pylist()
        if row["trial"] == trial.number and row["component"] == component
    ]


def _cpu_seconds(run: Run, trial: _Trial, component: str) -> float:
    """In the measured window."""
    readings = _readings(run, trial, component)
    if len(readings) < 2:  # noqa: PLR2004 - its two ends
        return 0.0
    elapsed = (readings[-1]["at_ns"] - readings[0]["at_ns"]) / 1e9
    share = (readings[-1]["cpu_seconds"] - readings[0]["cpu_seconds"]) / elapsed
    return float(share * trial.row["measure_s"])


def _memory(run: Run, trial: _Trial, component: str) -> float:
    read = [row["pss_bytes"] for row in _readings(run, trial, component) if row["pss_bytes"]]
    return float(np.median(read)) / _MB if read else 0.0


def _swaps(run: Run, pair: Mapping[str, Any], trials: Sequence[_Trial]) -> Swaps:
    own = [
        one
        for one in trials
        if one.told["component"] == pair["component"] and one.told["kind"] != _STEADY
    ]
    sent = [row for one in own for row in run.requests([one.number]).to_pylist()]
    lost = [row["request"] for row in sent if row["error"] or row["finished_ns"] is None]
    needing = {*pair["requests"], _ORDER}
    seconds = [one.told["swap_s"] for one in own if one.told["swap_s"] is not None]
    return Swaps(
        component=pair["component"],
        original=pair["original"]["name"],
        other=pair["other"]["name"],
        count=len(own),
        seconds=float(np.median(seconds)) if seconds else float("nan"),
        requests=len(sent),
        failed=sum(name in needing for name in lost),
        crossed=sum(name not in needing for name in lost),
        reasons=tuple(one.told["reason"] for one in own if one.told["reason"]),
    )


def _sides(run: Run, pair: Mapping[str, Any], trials: Iterable[_Trial]) -> Iterator[Side]:
    versions = {
        one.told["implementation"]: one.told["version"]
        for one in trials
        if one.told["kind"] == _STEADY
    }
    for name in (pair["original"]["name"], pair["other"]["name"]):
        print_of = run.document["configuration"]["footprints"][name]
        yield Side(
            component=pair["component"],
            name=name,
            version=versions.get(name, ""),
            lines=print_of["lines"],
            test_lines=print_of["test_lines"],
            packages=print_of["packages"],
            installed_mb=print_of["installed_bytes"] / _MB,
        )


def _mean(figures: Sequence[float]) -> float:
    return float(np.exp(np.mean(np.log(figures))))
