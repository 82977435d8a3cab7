"""The columns of every table in a run folder, and the version that readers insist on."""

from typing import Final

import pyarrow as pa

from twinbench.errors import TwinbenchError
from twinbench.results.columns import VERSION_KEY, label, required, versioned
from twinbench.results.consistency import PENDING, READS, TALLIES, WINDOWS
from twinbench.results.decentralization import MOVES, PACES, REACHES, REPORTS
from twinbench.results.deployment import DEPLOYMENTS
from twinbench.results.modularity import CHANGES, EDGES, RULES, SUITES, SURFACES
from twinbench.results.polyglotism import REPLACEMENTS
from twinbench.results.resilience import FAULTS, PROMISES
from twinbench.results.scaling import CLIMBS, PROVISIONS, REPLICAS
from twinbench.results.simplicity import FIGURES


class IncompatibleRunError(TwinbenchError):
    """A run folder, or one of its files, is not what this version of Twinbench writes."""


# One row per request. Times are nanoseconds since the trial's origin, the first instant of its
# warm-up. `finished_ns` is null for a request that never ended; `status` is 0 where no answer came;
# `error` is `RefusedError` for 429 and 503 that say when to come again (Retry-After).
REQUESTS: Final = versioned(
    "requests",
    [
        required("trial", pa.int32()),
        required("journey_id", pa.int32()),
        required("journey", label()),
        required("step", pa.int16()),
        required("request", label()),
        required("intended_ns", pa.int64()),
        required("sent_ns", pa.int64()),
        pa.field("finished_ns", pa.int64()),
        required("status", pa.int16()),
        required("bytes", pa.int32()),
        pa.field("replica", label()),
        pa.field("error", label()),
    ],
)

# One row per attempt at a trial, the voided ones included: `valid` and `reasons` say why.
# Shares lie in 0..1. `transactions` counts journeys by the share of their requests that ended
# inside the measured window, and `cpu_seconds` is what the whole arm used in that window.
# `in_flight_mean` is sampled, `in_flight_rows` what the rows say it ought to be.
# `throttled_seconds` is null where no CPU budget is enforced by the kernel.
TRIALS: Final = versioned(
    "trials",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("position", pa.int32()),
        required("attempt", pa.int16()),
        required("arm", label()),
        required("offered_rate", pa.float64()),
        required("seed", pa.int64()),
        required("started_at", pa.timestamp("us", tz="UTC")),
        required("origin_ns", pa.int64()),
        required("warmup_s", pa.float64()),
        required("measure_s", pa.float64()),
        required("tail_s", pa.float64()),
        required("arrivals", pa.int32()),
        required("achieved_rate", pa.float64()),
        required("requests", pa.int32()),
        required("failed", pa.int32()),
        required("transactions", pa.float64()),
        required("cpu_seconds", pa.float64()),
        required("pss_bytes", pa.int64()),
        required("lag_p99_ms", pa.float64()),
        required("generator_cpu", pa.float64()),
        required("generator_wait", pa.float64()),
        required("in_flight_mean", pa.float64()),
        required("in_flight_rows", pa.float64()),
        required("steal", pa.float64()),
        required("foreign", pa.float64()),
        pa.field("throttled_seconds", pa.float64()),
        required("valid", pa.bool_()),
        required("reasons", pa.list_(pa.string())),
    ],
)

# Per component and second of the measured window. Counters are totals since the component began.
# Memory is null in the seconds in which it was not read; `throttled_seconds` where nothing can be.
RESOURCES: Final = versioned(
    "resources",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("component", label()),
        required("at_ns", pa.int64()),
        required("processes", pa.int32()),
        required("cpu_seconds", pa.float64()),
        required("voluntary_switches", pa.int64()),
        required("involuntary_switches", pa.int64()),
        pa.field("throttled_seconds", pa.float64()),
        pa.field("pss_bytes", pa.int64()),
        pa.field("swap_bytes", pa.int64()),
        required("restarts", pa.int32()),
    ],
)

# One row per closed-loop trial. `target` is `arm` or `floor`; `cpu_seconds` is what arm and floor
# used together in `seconds`, in which `requests` were answered.
SATURATION: Final = versioned(
    "saturation",
    [
        required("trial", pa.int32()),
        required("block", pa.int32()),
        required("arm", label()),
        required("page", label()),
        required("target", label()),
        required("seconds", pa.float64()),
        required("requests", pa.int64()),
        required("cpu_seconds", pa.float64()),
        required("steal", pa.float64()),
    ],
)

# Of traced runs. One row per answer of a public operation, by what its Server-Timing header told:
# the application's own time until it began to answer, CPU time of its own code, and the time that
# its `calls` covered, which may overlap. `lost` calls got no answer, `left` ones were not told for
# length. `finished_ns` is that of the request.
ANSWERS: Final = versioned(
    "answers",
    [
        required("trial", pa.int32()),
        required("journey_id", pa.int32()),
        required("step", pa.int16()),
        required("request", label()),
        required("finished_ns", pa.int64()),
        required("operation", label()),
        required("wall_ms", pa.float64()),
        required("cpu_ms", pa.float64()),
        required("calls_ms", pa.float64()),
        required("calls", pa.int32()),
        required("lost", pa.int32()),
        required("left", pa.int32()),
    ],
)

# Of traced runs. One row per call from service to service that such an answer told of: `wall_ms` as
# the caller saw it, `own_ms` and `cpu_ms` as the callee told.
CALLS: Final = versioned(
    "calls",
    [
        required("trial", pa.int32()),
        required("journey_id", pa.int32()),
        required("step", pa.int16()),
        required("request", label()),
        required("finished_ns", pa.int64()),
        required("operation", label()),
        required("wall_ms", pa.float64()),
        required("own_ms", pa.float64()),
        required("cpu_ms", pa.float64()),
    ],
)

# One row per audit, after a trial: how long it took until all had settled, how many orders the arm
# has, and a line for each invariant that was then broken. `checked` is false for an arm whose books
# cannot be read.
AUDITS: Final = versioned(
    "audits",
    [
        required("trial", pa.int32()),
        required("arm", label()),
        required("checked", pa.bool_()),
        required("orders", pa.int64()),
        required("settled_s", pa.float64()),
        required("findings", pa.list_(pa.string())),
    ],
)

TABLES: Final = {
    "trials": TRIALS,
    "resources": RESOURCES,
    "saturation": SATURATION,
    "answers": ANSWERS,
    "calls": CALLS,
    "climbs": CLIMBS,
    "provisions": PROVISIONS,
    "replicas": REPLICAS,
    "faults": FAULTS,
    "promises": PROMISES,
    "audits": AUDITS,
    "tallies": TALLIES,
    "windows": WINDOWS,
    "pending": PENDING,
    "reads": READS,
    "deployments": DEPLOYMENTS,
    "edges": EDGES,
    "surfaces": SURFACES,
    "rules": RULES,
    "suites": SUITES,
    "changes": CHANGES,
    "figures": FIGURES,
    "paces": PACES,
    "reaches": REACHES,
    "moves": MOVES,
    "reports": REPORTS,
    "replacements": REPLACEMENTS,
}


def require_schema(found: pa.Schema, expected: pa.Schema, where: str) -> None:
    """Refuse a table whose version or columns differ from `expected`.

    Raises IncompatibleRunError naming the file and the first difference.
    """
    wanted = (expected.metadata or {})[VERSION_KEY].decode()
    version = (found.metadata or {}).get(VERSION_KEY, b"none").decode()
    if version != wanted:
        raise IncompatibleRunError(f"{where}: schema {version}, this Twinbench reads {wanted}")
    if found.names != expected.names:
        differing = sorted(set(found.names) ^ set(expected.names))
        raise IncompatibleRunError(f"{where}: columns differ: {', '.join(differing)}")
    for field in expected:
        if found.field(field.name).type != field.type:
            raise IncompatibleRunError(
                f"{where}: column {field.name} is {found.field(field.name).type}, not {field.type}"
            )
