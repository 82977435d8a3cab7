"""Hops: what a call from service to service costs, told by the arms themselves.

A traced run: every answer says what it took and what its calls took of it, which costs time in its
own right. So its figures stand beside those of timed runs and are never mixed with them.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from twinbench.engines.protocol import Engine
from twinbench.errors import TwinbenchError
from twinbench.experiments.blocks import Judge
from twinbench.experiments.latency import Kind, resume_open_load, run_open_load
from twinbench.experiments.settings import LatencySettings
from twinbench.experiments.watcher import Watcher
from twinbench.load.plan import GeneratorReport, Told
from twinbench.results.rows import AnswerRow, AnyRow, CallRow, TrialRow

ARMS: Final = ("microservices", "modulith")
"""Those that tell of calls, over HTTP and direct. The monolith tells of its answers alone."""

_ENTRY: Final = re.compile(r'\s*([\w-]+)((?:\s*;\s*[\w-]+=(?:"[^"]*"|[^";,\s]*))*)\s*(?:,|$)')
_PARAMETER: Final = re.compile(r';\s*([\w-]+)=(?:"([^"]*)"|([^";,\s]*))')


class TimingError(TwinbenchError):
    """An arm tells something else than it should."""


def run_hops(engine: Engine, settings: LatencySettings, watcher: Watcher, judge: Judge) -> Path:
    """Run the experiment and return its run folder; raises what `run_latency` does."""
    return run_open_load(engine, settings, watcher, judge, _HOPS)


def resume_hops(engine: Engine, folder: Path, watcher: Watcher, judge: Judge) -> Path:
    return resume_open_load(engine, folder, watcher, judge, _HOPS)


def told_rows(row: TrialRow, report: GeneratorReport) -> dict[str, Sequence[AnyRow]]:
    """Rows of `answers` and `calls` from what the answers of a trial told; no table is empty."""
    told = [one for process in report.processes for one in process.told]
    answers = [_answer(row, one) for one in told]
    calls = [call for one in told for call in _calls(row, one)]
    tables: dict[str, Sequence[AnyRow]] = {"answers": answers, "calls": calls}
    return {name: rows for name, rows in tables.items() if rows}


def entries_of(header: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Names and parameters in a Server-Timing header (W3C). Raises TimingError."""
    at = 0
    while at < len(header):
        found = _ENTRY.match(header, at)
        if found is None:
            raise TimingError(f"not a Server-Timing header from {header[at : at + 60]!r} on")
        parameters = _PARAMETER.finditer(found[2])
        yield found[1], {one[1]: one[2] if one[2] is not None else one[3] for one in parameters}
        at = found.end()


def _answer(row: TrialRow, told: Told) -> AnswerRow:
    entries = list(entries_of(told.header))
    names = {name: parameters for name, parameters in entries if name != "call"}
    if "app" not in names:
        raise TimingError(f"the answer to {told.request!r} does not tell what it took itself")
    return AnswerRow(
        **_place(row, told),
        operation=names["app"]["desc"],
        wall_ms=float(names["app"]["dur"]),
        cpu_ms=float(names["app"]["cpu"]),
        calls_ms=float(names.get("calls", _NONE)["dur"]),
        calls=sum(name == "call" for name, _ in entries),
        lost=int(names.get("lost", _NONE)["desc"]),
        left=int(names.get("left", _NONE)["desc"]),
    )


_NONE: Final[Mapping[str, str]] = {"dur": "0", "desc": "0"}


def _calls(row: TrialRow, told: Told) -> Iterator[CallRow]:
    for name, parameters in entries_of(told.header):
        if name == "call":
            yield CallRow(
                **_place(row, told),
                operation=parameters["desc"],
                wall_ms=float(parameters["dur"]),
                own_ms=float(parameters["own"]),
                cpu_ms=float(parameters["cpu"]),
            )


def _place(row: TrialRow, told: Told) -> dict[str, Any]:
    """Which request of which trial it was, and when it ended."""
    return {
        "trial": row.trial,
        "journey_id": told.journey_id,
        "step": told.step,
        "request": told.request,
        "finished_ns": round(told.finished * 1e9) - row.origin_ns,
    }


_HOPS: Final = Kind(
    "hops",
    tables=("trials", "resources", "audits", "answers", "calls"),
    traced=True,
    more=told_rows,
)
