"""One trial: load on one arm, its resources beside it, and whether it counts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pyarrow.parquet as pq

from twinbench.engines.protocol import ComponentStats
from twinbench.experiments.auditing import Auditor
from twinbench.experiments.bench import Bench
from twinbench.experiments.conservation import in_flight
from twinbench.experiments.design import Slot
from twinbench.experiments.gates import Conditions, Gates, reasons_to_void
from twinbench.experiments.profiles import Timing
from twinbench.load.generator import Generator
from twinbench.load.plan import GeneratorReport, LoadPlan, Shop
from twinbench.load.workload import Workload
from twinbench.measure.host import CoreTimes
from twinbench.measure.resources import Sample, Sampler
from twinbench.results.rows import AuditRow, ResourceRow, TrialRow


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read on the second: the arm's components, and the ticks of cores in use."""

    components: tuple[ComponentStats, ...]
    all_cores: CoreTimes
    arm_cores: CoreTimes


class Played(NamedTuple):
    """A trial's rows, and all that the generator reported of it."""

    row: TrialRow
    resources: list[ResourceRow]
    report: GeneratorReport


@dataclass(frozen=True, slots=True)
class _Moment:
    number: int
    attempt: int
    began: datetime
    origin: float
    requests: Path


@dataclass(frozen=True, slots=True)
class Trials:
    """Runs trials on a prepared bench, with the same load, timing and gates for all."""

    bench: Bench
    generator: Generator
    timing: Timing
    workload: Workload
    shops: dict[str, Shop]
    gates: Gates
    auditor: Auditor
    memory_throughout: bool = False
    """Memory is read each second, which holds up what is read, and not at the end alone."""

    def run(
        self,
        slot: Slot,
        *,
        number: int,
        attempt: int,
        requests: Path,
        begun: Callable[[float], None] = lambda _: None,
    ) -> Played:
        """Play the slot's load on its arm alone, and judge the trial.

        `begun` is called with the trial's origin (seconds of time.monotonic) a moment before it,
        and must return at once.
        """
        self.bench.only(slot.arm)
        plan = self._plan(slot, self.timing, number, requests)
        self.auditor.expect(slot.arm, plan)
        began = datetime.now(UTC)
        running: list[tuple[float, Sampler[Reading]]] = []

        def start_sampling(origin: float) -> None:
            begin = origin + plan.warmup_s
            sampler = Sampler(self._reader(slot.arm), begin=begin, end=begin + plan.measure_s)
            running.append((origin, sampler))
            begun(origin)

        try:
            report = self.generator.play(plan, started=start_sampling)
        except BaseException:
            for _, sampler in running:
                sampler.cancel()
            raise
        ((origin, sampler),) = running
        samples = sampler.result()
        moment = _Moment(number, attempt, began, origin, requests)
        row = self._row(slot, moment, report, samples)
        return Played(row, _resource_rows(samples, moment), report)

    def play(self, slot: Slot, timing: Timing, requests: Path) -> GeneratorReport:
        """Load on the slot's arm alone that is no trial: nothing is sampled or judged."""
        self.bench.only(slot.arm)
        plan = self._plan(slot, timing, 0, requests)
        self.auditor.expect(slot.arm, plan)
        return self.generator.play(plan)

    def audit(self, row: TrialRow) -> AuditRow:
        """Of the arm that has just run a trial, when its work has settled. Raises EngineError."""
        return self.auditor.audit(row.arm, row.trial).row

    def reset(self, arm: str) -> None:
        """The arm's data as they were seeded, and its books begun anew."""
        self.bench.only(arm)
        self.bench.engine.reset(arm)
        self.auditor.begin(arm)

    def _plan(self, slot: Slot, timing: Timing, number: int, requests: Path) -> LoadPlan:
        return LoadPlan(
            trial=number,
            rate=slot.rate,
            warmup_s=timing.warmup_s,
            measure_s=timing.measure_s,
            tail_s=timing.tail_s,
            drain_s=timing.drain_s,
            seed=slot.seed,
            mix=self.workload.mix,
            zipf=self.workload.zipf,
            think_s=self.workload.think_s,
            cores=self.bench.division.generator,
            requests_path=str(requests.resolve()),
            shop=self.shops[slot.arm],
            course=slot.course,
        )

    def _reader(self, arm: str) -> Callable[[bool], Sequence[Reading]]:
        engine, division = self.bench.engine, self.bench.division
        cores = (*division.generator, *division.arm)

        def read(memory: bool) -> Sequence[Reading]:
            components = engine.stats(arm, memory=memory or self.memory_throughout)
            return (Reading(components, CoreTimes.now(cores), CoreTimes.now(division.arm)),)

        return read

    def _row(
        self, slot: Slot, moment: _Moment, report: GeneratorReport, samples: list[Sample[Reading]]
    ) -> TrialRow:
        first, last = samples[0].readings[0], samples[-1].readings[0]
        steal = first.all_cores.steal_until(last.all_cores)
        used = _total(last, "cpu_seconds") - _total(first, "cpu_seconds")
        foreign = first.arm_cores.foreign_until(last.arm_cores, used)
        under_way = in_flight(
            pq.read_table(moment.requests, columns=["sent_ns", "finished_ns"]),
            report.in_flight_mean,
            begin=self.timing.warmup_s,
            end=self.timing.warmup_s + self.timing.measure_s,
        )
        reasons = reasons_to_void(
            Conditions(
                offered_rate=report.arrivals / self.timing.measure_s,
                achieved_rate=report.achieved_rate,
                lag_p99_ms=report.lag_p99_ms,
                generator_cpu=report.cpu,
                steal=steal,
                foreign=foreign,
                restarts=int(_total(last, "restarts") - _total(first, "restarts")),
                swap_bytes=int(_total(last, "swap_bytes")),
                in_flight=under_way,
            ),
            self.gates,
        )
        return TrialRow(
            trial=moment.number,
            block=slot.block,
            position=slot.position,
            attempt=moment.attempt,
            arm=slot.arm,
            offered_rate=slot.rate,
            seed=slot.seed,
            started_at=moment.began,
            origin_ns=round(moment.origin * 1e9),
            warmup_s=self.timing.warmup_s,
            measure_s=self.timing.measure_s,
            tail_s=self.timing.tail_s,
            arrivals=report.arrivals,
            achieved_rate=report.achieved_rate,
            requests=report.requests,
            failed=report.failed,
            transactions=report.transactions,
            cpu_seconds=_cpu_seconds(samples, self.timing.measure_s),
            pss_bytes=int(_total(last, "pss_bytes")),
            lag_p99_ms=report.lag_p99_ms,
            generator_cpu=report.cpu,
            generator_wait=report.wait,
            in_flight_mean=report.in_flight_mean,
            in_flight_rows=under_way.by_rows,
            steal=steal,
            foreign=foreign,
            throttled_seconds=_throttled_seconds(first, last),
            valid=not reasons,
            reasons=reasons,
        )


def _total(reading: Reading, figure: str) -> float:
    return sum(getattr(stats, figure) or 0 for stats in reading.components)


def _cpu_seconds(samples: list[Sample[Reading]], measure_s: float) -> float:
    """What the arm used in the window, by the rate between the readings at its two ends."""
    first, last = samples[0].readings[0], samples[-1].readings[0]
    elapsed = last.components[0].at - first.components[0].at
    return (_total(last, "cpu_seconds") - _total(first, "cpu_seconds")) / elapsed * measure_s


def _throttled_seconds(first: Reading, last: Reading) -> float | None:
    """Of all groups of the arm. Components that share one pool all tell of that pool."""
    groups: dict[str, float] = {}
    for before, after in zip(first.components, last.components, strict=True):
        if before.throttled_seconds is not None and after.throttled_seconds is not None:
            groups[after.pool] = after.throttled_seconds - before.throttled_seconds
    return sum(groups.values()) if groups else None


def _resource_rows(samples: list[Sample[Reading]], moment: _Moment) -> list[ResourceRow]:
    return [
        ResourceRow(
            trial=moment.number,
            arm=stats.arm,
            component=stats.name,
            at_ns=round((sample.due - moment.origin) * 1e9),
            processes=stats.processes,
            cpu_seconds=stats.cpu_seconds,
            voluntary_switches=stats.voluntary_switches,
            involuntary_switches=stats.involuntary_switches,
            throttled_seconds=stats.throttled_seconds,
            pss_bytes=stats.pss_bytes,
            swap_bytes=stats.swap_bytes,
            restarts=stats.restarts,
        )
        for sample in samples
        for reading in sample.readings
        for stats in reading.components
    ]
