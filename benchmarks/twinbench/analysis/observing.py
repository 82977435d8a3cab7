"""What a trial of the capacity search showed."""

import numpy as np
import pyarrow as pa

from twinbench.analysis.capacity import Objective, Observation, Probe
from twinbench.analysis.percentiles import percentile
from twinbench.analysis.samples import Failures, waits_in


def observe(
    requests: pa.Table,
    probe: Probe,
    *,
    warmup_s: float,
    measure_s: float,
    valid: bool,
    objective: Objective,
) -> Observation:
    """From a trial's requests (REQUESTS schema): the objective's percentile over all that did not
    fail, in ms, and the share that failed or never ended. A window without an answer never answers.
    """
    waits = waits_in(requests, warmup_s=warmup_s, measure_s=measure_s)
    failures = sum(
        (count for (kind, _), count in waits.failures.items() if kind == "request"), Failures(0, 0)
    )
    together = np.concatenate([*waits.requests.values(), np.empty(0)])
    share = objective.percentile / 100
    latency = 1000 * percentile(together, share) if len(together) else float("inf")
    return Observation(probe.rate, latency, failures.share, valid, probe.confirming)
