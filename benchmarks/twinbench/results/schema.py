"""The columns of every table in a run folder, and the version that readers insist on."""

from typing import Final

import pyarrow as pa

from twinbench.errors import TwinbenchError
from twinbench.results.columns import VERSION_KEY
from twinbench.results.columns import label as _label
from twinbench.results.columns import required as _required
from twinbench.results.columns import versioned as _versioned
from twinbench.results.consistency import PENDING, READS, TALLIES, WINDOWS


class IncompatibleRunError(TwinbenchError):
    """A run folder, or one of its files, is not what this version of Twinbench writes."""


# One row per request. Times are nanoseconds since the trial's origin, the first instant of its
# warm-up. `finished_ns` is null for a request that never ended; `status` is 0 where no answer came.
REQUESTS: Final = _versioned(
    "requests",
    [
        _required("trial", pa.int32()),
        _required("journey_id", pa.int32()),
        _required("journey", _label()),
        _required("step", pa.int16()),
        _required("request", _label()),
        _required("intended_ns", pa.int64()),
        _required("sent_ns", pa.int64()),
        pa.field("finished_ns", pa.int64()),
        _required("status", pa.int16()),
        _required("bytes", pa.int32()),
        pa.field("replica", _label()),
        pa.field("error", _label()),
    ],
)

# One row per attempt at a trial, the voided ones included: `valid` and `reasons` say why.
# Shares lie in 0..1. `transactions` counts journeys by the share of their requests that ended
# inside the measured window, and `cpu_seconds` is what the whole arm used in that window.
# `in_flight_mean` is sampled, `in_flight_rows` what the rows say it ought to be.
# `throttled_seconds` is null where no CPU budget is enforced by the kernel.
TRIALS: Final = _versioned(
    "trials",
    [
        _required("trial", pa.int32()),
        _required("block", pa.int32()),
        _required("position", pa.int32()),
        _required("attempt", pa.int16()),
        _required("arm", _label()),
        _required("offered_rate", pa.float64()),
        _required("seed", pa.int64()),
        _required("started_at", pa.timestamp("us", tz="UTC")),
        _required("origin_ns", pa.int64()),
        _required("warmup_s", pa.float64()),
        _required("measure_s", pa.float64()),
        _required("tail_s", pa.float64()),
        _required("arrivals", pa.int32()),
        _required("achieved_rate", pa.float64()),
        _required("requests", pa.int32()),
        _required("failed", pa.int32()),
        _required("transactions", pa.float64()),
        _required("cpu_seconds", pa.float64()),
        _required("pss_bytes", pa.int64()),
        _required("lag_p99_ms", pa.float64()),
        _required("generator_cpu", pa.float64()),
        _required("generator_wait", pa.float64()),
        _required("in_flight_mean", pa.float64()),
        _required("in_flight_rows", pa.float64()),
        _required("steal", pa.float64()),
        _required("foreign", pa.float64()),
        pa.field("throttled_seconds", pa.float64()),
        _required("valid", pa.bool_()),
        _required("reasons", pa.list_(pa.string())),
    ],
)

# Per component and second of the measured window. Counters are totals since the component began.
# Memory is null in the seconds in which it was not read; `throttled_seconds` where nothing can be.
RESOURCES: Final = _versioned(
    "resources",
    [
        _required("trial", pa.int32()),
        _required("arm", _label()),
        _required("component", _label()),
        _required("at_ns", pa.int64()),
        _required("processes", pa.int32()),
        _required("cpu_seconds", pa.float64()),
        _required("voluntary_switches", pa.int64()),
        _required("involuntary_switches", pa.int64()),
        pa.field("throttled_seconds", pa.float64()),
        pa.field("pss_bytes", pa.int64()),
        pa.field("swap_bytes", pa.int64()),
        _required("restarts", pa.int32()),
    ],
)

# One row per closed-loop trial. `target` is `arm` or `floor`; `cpu_seconds` is what arm and floor
# used together in `seconds`, in which `requests` were answered.
SATURATION: Final = _versioned(
    "saturation",
    [
        _required("trial", pa.int32()),
        _required("block", pa.int32()),
        _required("arm", _label()),
        _required("page", _label()),
        _required("target", _label()),
        _required("seconds", pa.float64()),
        _required("requests", pa.int64()),
        _required("cpu_seconds", pa.float64()),
        _required("steal", pa.float64()),
    ],
)

# Of traced runs. One row per answer of a public operation, by what its Server-Timing header told:
# the application's own time until it began to answer, CPU time of its own code, and the time that
# its `calls` covered, which may overlap. `lost` calls got no answer, `left` ones were not told for
# length. `finished_ns` is that of the request.
ANSWERS: Final = _versioned(
    "answers",
    [
        _required("trial", pa.int32()),
        _required("journey_id", pa.int32()),
        _required("step", pa.int16()),
        _required("request", _label()),
        _required("finished_ns", pa.int64()),
        _required("operation", _label()),
        _required("wall_ms", pa.float64()),
        _required("cpu_ms", pa.float64()),
        _required("calls_ms", pa.float64()),
        _required("calls", pa.int32()),
        _required("lost", pa.int32()),
        _required("left", pa.int32()),
    ],
)

# Of traced runs. One row per call from service to service that such an answer told of: `wall_ms` as
# the caller saw it, `own_ms` and `cpu_ms` as the callee told.
CALLS: Final = _versioned(
    "calls",
    [
        _required("trial", pa.int32()),
        _required("journey_id", pa.int32()),
        _required("step", pa.int16()),
        _required("request", _label()),
        _required("finished_ns", pa.int64()),
        _required("operation", _label()),
        _required("wall_ms", pa.float64()),
        _required("own_ms", pa.float64()),
        _required("cpu_ms", pa.float64()),
    ],
)

# One row per climb: the trial offered `rates` (journeys per second) one after the other, each for
# `step_s`, while the arm ran with this level of this factor.
CLIMBS: Final = _versioned(
    "climbs",
    [
        _required("trial", pa.int32()),
        _required("arm", _label()),
        _required("factor", _label()),
        _required("level", pa.float64()),
        _required("rates", pa.list_(pa.float64())),
        _required("step_s", pa.float64()),
    ],
)

# One row per audit, after a trial: how long it took until all had settled, how many orders the arm
# has, and a line for each invariant that was then broken. `checked` is false for an arm whose books
# cannot be read.
AUDITS: Final = _versioned(
    "audits",
    [
        _required("trial", pa.int32()),
        _required("arm", _label()),
        _required("checked", pa.bool_()),
        _required("orders", pa.int64()),
        _required("settled_s", pa.float64()),
        _required("findings", pa.list_(pa.string())),
    ],
)

TABLES: Final = {
    "trials": TRIALS,
    "resources": RESOURCES,
    "saturation": SATURATION,
    "answers": ANSWERS,
    "calls": CALLS,
    "climbs": CLIMBS,
    "audits": AUDITS,
    "tallies": TALLIES,
    "windows": WINDOWS,
    "pending": PENDING,
    "reads": READS,
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
