"""What one deployment did to its trial's customers: what failed, what slowed, what moved.

The *disturbance* is the trial's stretch from the beginning of the deployment until a second after
its end; the stretch before is what it is compared with.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy import special

_SETTLING_NS: Final = 1_000_000_000
_CONFIDENCE: Final = 0.05
# Below which ranks say nothing.
_FEWEST: Final = 5
_SLOW: Final = 2.0
_USUAL: Final = 0.95

Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One deployment and what its trial's customers met."""

    row: Mapping[str, Any]
    valid: bool
    requests: int
    failed_requests: int
    journeys: int
    failed_journeys: int
    slowed: int
    slowed_before: float
    moved: frozenset[str]
    operations: frozenset[str]


def disturbance_of(
    row: Mapping[str, Any], table: pa.Table, *, warmup_s: float, valid: bool
) -> Disturbance:
    """From a row of DEPLOYMENTS and its trial's requests, in the REQUESTS schema."""
    intended = table["intended_ns"].to_numpy()
    finished = table["finished_ns"].cast(pa.float64()).fill_null(np.inf).to_numpy()
    waited = (finished - intended) / 1e9
    failed = table["error"].is_valid().to_numpy()
    requests = np.asarray(table["request"].to_pylist())
    before = (intended >= warmup_s * 1e9) & (intended < row["began_ns"])
    during = (intended >= row["began_ns"]) & (intended < row["ended_ns"] + _SETTLING_NS)
    names = np.unique(requests[during]) if during.any() else np.array([], str)
    moved = _moved(requests, waited, failed, before, during)
    journeys = _journeys(table, waited, failed, before, during)
    return Disturbance(
        row=row,
        valid=valid,
        requests=int(during.sum()),
        failed_requests=int((during & failed).sum()),
        moved=moved,
        operations=frozenset(names.tolist()),
        **journeys,
    )


def _journeys(
    table: pa.Table, waited: NDArray[np.float64], failed: Booleans, before: Booleans,
    during: Booleans,
) -> dict[str, Any]:  # fmt: skip
    """A journey belongs to the stretch in which it begins; it waits for all of its requests."""
    number = np.unique(table["journey_id"].to_numpy(), return_inverse=True)[1]
    count = int(number.max(initial=-1)) + 1
    whole = np.bincount(number, weights=waited, minlength=count)
    broken = np.bincount(number, weights=failed, minlength=count) > 0
    first = np.flatnonzero(table["step"].to_numpy() == 0)
    kinds = np.asarray(table["journey"].to_pylist())[first]
    own, begun_before, begun_during = number[first], before[first], during[first]
    slow = np.zeros(len(first), bool)
    for kind in np.unique(kinds):
        mine = kinds == kind
        usual = whole[own[mine & begun_before & ~broken[own]]]
        if len(usual):
            slow[mine] = whole[own[mine]] > _SLOW * np.quantile(usual, _USUAL)
    slow &= ~broken[own]
    return {
        "journeys": int(begun_during.sum()),
        "failed_journeys": int((begun_during & broken[own]).sum()),
        "slowed": int((begun_during & slow).sum()),
        "slowed_before": float(slow[begun_before].mean()) if begun_before.any() else 0.0,
    }


def _moved(
    requests: NDArray[np.str_], waited: NDArray[np.float64], failed: Booleans, before: Booleans,
    during: Booleans,
) -> frozenset[str]:  # fmt: skip
    """Operations with an error, or whose waits differ by rank sums, Holm over all of them."""
    moved, probabilities = set(), {}
    for name in np.unique(requests):
        mine = requests == name
        if (mine & during & failed).any():
            moved.add(str(name))
            continue
        first, second = waited[mine & before & ~failed], waited[mine & during]
        if min(len(first), len(second)) >= _FEWEST:
            probabilities[str(name)] = rank_sum_probability(first, second)
    left = len(probabilities)
    for name, probability in sorted(probabilities.items(), key=lambda item: item[1]):
        if probability > _CONFIDENCE / left:
            break
        moved.add(name)
        left -= 1
    return frozenset(moved)


def rank_sum_probability(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """That two samples (n,), (m,) of one distribution differ so much in rank, either way.

    Mann and Whitney 1947, by the normal approximation with correction for continuity; waits in
    nanoseconds have no ties to speak of, and equal ones get ranks in order.
    """
    n, m = len(first), len(second)
    ranks = np.argsort(np.argsort(np.concatenate([first, second]), kind="stable")) + 1
    above = float(ranks[:n].sum()) - n * (n + 1) / 2
    error = np.sqrt(n * m * (n + m + 1) / 12)
    distance = max(0.0, abs(above - n * m / 2) - 0.5) / error
    return float(2 * special.ndtr(-distance))
