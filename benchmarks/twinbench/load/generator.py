"""Running the generator from outside: hand it plans, hear origins, get rows and reports."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Final, Self

import pyarrow as pa
import pyarrow.parquet as pq

from twinbench.load.arrivals import schedule_arrivals
from twinbench.load.plan import GeneratorReport, LoadPlan, ProcessReport
from twinbench.load.processes import GeneratorError, GeneratorProcess
from twinbench.load.report import generator_report

__all__ = ["Generator", "GeneratorError"]

# From the moment at which all processes are ready to the origin of their common time.
_LEAD_IN_S: Final = 0.25


class Generator:
    """One or more generator processes, for as many trials as they are given.

    Loading Locust takes a second, so they outlive a trial. Several share each trial's arrivals
    (`Schedule.share`), on one clock, one to a core of the plan; their rows are merged. What is
    played does not depend on how many play it.

    A context manager; the processes end with it. Not safe for use by several threads.
    """

    def __init__(self, processes: int = 1) -> None:
        if processes < 1:
            raise ValueError("a generator needs a process")
        self._count = processes

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = stack.enter_context(TemporaryDirectory(prefix="twinbench-load-"))
            self._folder = Path(folder)
            self._processes = tuple(
                stack.enter_context(GeneratorProcess(index, self._count, self._folder))
                for index in range(self._count)
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stack.close()

    @property
    def pids(self) -> tuple[int, ...]:
        return tuple(process.pid for process in self._processes)

    def play(
        self, plan: LoadPlan, *, started: Callable[[float], None] = lambda _: None
    ) -> GeneratorReport:
        """Play one trial, write its rows where the plan says and return how the generator fared.

        `started` is called with the trial's origin (seconds of time.monotonic) when it is known,
        a moment before that instant. Raises GeneratorError, after which nothing can be played.
        """
        path = self._folder / "plan.json"
        plan.write(path)
        try:
            for process in self._processes:
                process.tell({"plan": str(path), "requests": str(process.requests)})
            for process in self._processes:
                process.hear()  # that it is ready
        finally:
            path.unlink()
        origin = time.monotonic() + _LEAD_IN_S
        for process in self._processes:
            process.tell({"origin": origin})
        started(origin)
        reports = [ProcessReport.of(process.hear()) for process in self._processes]
        requests = self._merged_rows()
        pq.write_table(requests, plan.requests_path)
        schedule = schedule_arrivals(
            plan.whole_course, weights=plan.mix, seed=plan.seed, process=plan.process
        )
        window = (plan.warmup_s, plan.warmup_s + plan.measure_s)
        return generator_report(requests, times=schedule.times, window=window, processes=reports)

    def _merged_rows(self) -> pa.Table:
        """Of all processes, in order of intended start: journeys are numbered across them."""
        parts = [pq.read_table(process.requests) for process in self._processes]
        if len(parts) == 1:
            return parts[0]
        merged = pa.concat_tables(parts).unify_dictionaries().combine_chunks()
        return merged.sort_by([("intended_ns", "ascending"), ("journey_id", "ascending")])
