"""What voids a trial. Every limit is in the run's configuration, every failure in its row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gates:
    """Limits in milliseconds and shares."""

    lag_p99_ms: float = 5.0
    generator_cpu: float = 0.70
    rate_error: float = 0.01
    steal: float = 0.05
    foreign: float = 0.10


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the gates look at."""

    offered_rate: float
    achieved_rate: float
    lag_p99_ms: float
    generator_cpu: float
    steal: float
    foreign: float
    restarts: int
    swap_bytes: int


def reasons_to_void(conditions: Conditions, gates: Gates) -> tuple[str, ...]:
    """`what happened: how much`, for each gate that the trial failed; none if it is valid."""
    rate_error = abs(conditions.achieved_rate / conditions.offered_rate - 1)
    failures = {
        f"requests left late: p99 {conditions.lag_p99_ms:.1f} ms": (
            conditions.lag_p99_ms > gates.lag_p99_ms
        ),
        f"generator too busy: {conditions.generator_cpu:.0%} of its core": (
            conditions.generator_cpu > gates.generator_cpu
        ),
        f"rate not achieved: off by {rate_error:.1%}": rate_error > gates.rate_error,
        f"hypervisor took time: {conditions.steal:.1%}": conditions.steal > gates.steal,
        f"other programs ran: {conditions.foreign:.0%} of the arm's cores": (
            conditions.foreign > gates.foreign
        ),
        f"restarts nobody asked for: {conditions.restarts}": conditions.restarts > 0,
        f"memory swapped: {conditions.swap_bytes / 1e6:.0f} MB": conditions.swap_bytes > 0,
    }
    return tuple(reason for reason, failed in failures.items() if failed)
