"""What a gateway could let through at most, alone on its arm's cores: a ceiling above the arm's."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc

from twinbench.analysis.ratios import Estimate, estimate
from twinbench.results.store import Run

_SUFFIX: Final = "-gateway"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """Of one arm's gateway: geometric means over valid trials, with Student's t on the logs.

    `requests` per second, by the utilisation law: so much of its own CPU time does a request take,
    and there are so many `cores`. `share` is of the CPU time that the whole arm used.
    """

    arm: str
    gateway: str
    requests: Estimate
    share: Estimate
    cores: int


def ceilings(run: Run) -> tuple[Ceiling, ...]:
    """In the arms' order; none of an arm whose gateway was not seen at work."""
    if "resources" not in run.tables:
        return ()
    trials = {row["trial"]: row for row in run.trials.to_pylist() if row["valid"]}
    requests: dict[str, list[float]] = defaultdict(list)
    shares: dict[str, list[float]] = defaultdict(list)
    names: dict[str, str] = {}
    for (number, name), used in _used(run).items():
        trial = trials.get(number)
        if trial is None or not used or not trial["requests"]:
            continue
        cores = len(run.document["limits"]["arms"][trial["arm"]]["cores"])
        per_request = used * trial["measure_s"] / trial["requests"]
        requests[trial["arm"]].append(cores / per_request)
        shares[trial["arm"]].append(used * trial["measure_s"] / trial["cpu_seconds"])
        names[trial["arm"]] = name
    return tuple(
        Ceiling(
            arm,
            names[arm],
            estimate(np.log(requests[arm])),
            estimate(np.log(shares[arm])),
            len(run.document["limits"]["arms"][arm]["cores"]),
        )
        for arm in run.document["configuration"]["arms"]
        if arm in names
    )


def _used(run: Run) -> dict[tuple[int, str], float]:
    """Of gateways: the share of a core used, by trial and name."""
    rows = run.resources.filter(pc.ends_with(run.resources["component"].cast("string"), _SUFFIX))
    series: dict[tuple[int, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows.to_pylist():
        series[row["trial"], row["component"]].append(row)
    return {
        key: (own[-1]["cpu_seconds"] - own[0]["cpu_seconds"])
        / ((own[-1]["at_ns"] - own[0]["at_ns"]) / 1e9)
        for key, own in series.items()
        if own[-1]["at_ns"] > own[0]["at_ns"]
    }
