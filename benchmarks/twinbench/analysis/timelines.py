"""What customers met second by second around a deployment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from twinbench.analysis.deployments import Deployed
from twinbench.analysis.independence import rows_of
from twinbench.results.store import Run

STEP_S: Final = 0.5
_SHARES: Final = (0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Timeline:
    """All deployments of one kind laid over each other, in seconds since they began.

    `at` (n,) are the middles of steps of half a second; `p50` and `p95` (n,) the waits in
    milliseconds of requests that ought to have left then and did not fail, NaN where there is none;
    `requests` and `failed` (n,) are counts. `switched_s` is when new answers were first seen, at
    the median; None where none were.
    """

    at: NDArray[np.float64]
    p50: NDArray[np.float64]
    p95: NDArray[np.float64]
    requests: NDArray[np.int64]
    failed: NDArray[np.int64]
    switched_s: float | None


def timeline(run: Run, kind: Deployed) -> Timeline:
    """Of all trials of the kind, over the stretch that each of them has."""
    warmups = {row["trial"]: row["warmup_s"] for row in run.trials.to_pylist()}
    lengths = {row["trial"]: row["measure_s"] for row in run.trials.to_pylist()}
    rows = rows_of(run, kind)
    begins = max(warmups[row["trial"]] - row["began_ns"] / 1e9 for row in rows)
    ends = min(
        warmups[row["trial"]] + lengths[row["trial"]] - row["began_ns"] / 1e9 for row in rows
    )
    edges = np.arange(np.ceil(begins / STEP_S), np.floor(ends / STEP_S) + 1) * STEP_S
    at, waited, failed = (
        np.concatenate(one) for one in zip(*(_of(run, row) for row in rows), strict=True)
    )
    step = np.searchsorted(edges, at, side="right") - 1
    steps = range(len(edges) - 1)
    waits = [1000 * waited[(step == number) & ~failed] for number in steps]
    p50, p95 = (np.array([_quantile(own, share) for own in waits]) for share in _SHARES)
    switched = [_switched_s(row) for row in rows]
    known = [seconds for seconds in switched if seconds is not None]
    return Timeline(
        at=edges[:-1] + STEP_S / 2,
        p50=p50,
        p95=p95,
        requests=np.array([np.sum(step == number) for number in steps]),
        failed=np.array([np.sum((step == number) & failed) for number in steps]),
        switched_s=float(np.median(known)) if known else None,
    )


def _of(
    run: Run, row: Mapping[str, Any]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """When requests were to leave, how long they took, and which failed or never ended."""
    table = run.requests([row["trial"]])
    intended = table["intended_ns"].to_numpy()
    finished = table["finished_ns"].cast(pa.float64()).fill_null(np.inf).to_numpy()
    failed = table["error"].is_valid().to_numpy() | np.isinf(finished)
    return (intended - row["began_ns"]) / 1e9, (finished - intended) / 1e9, failed


def _quantile(waits: NDArray[np.float64], share: float) -> float:
    return float(np.quantile(waits, share, method="inverted_cdf")) if len(waits) else np.nan


def _switched_s(row: Mapping[str, Any]) -> float | None:
    if row["first_new_ns"] is None:
        return None
    return float(row["first_new_ns"] - row["began_ns"]) / 1e9
