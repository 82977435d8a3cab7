"""What voids a trial. Every limit is in the run's configuration, every failure in its row."""

from dataclasses import dataclass

from twinbench.experiments.conservation import InFlight


@dataclass(frozen=True, slots=True)
class Gates:
    """Limits in milliseconds and shares.

    `in_flight_off` is what of Little's law may be broken beyond `in_flight_errors` standard errors
    of the sampled level: at a few requests per second a short window samples it no better. As many
    `restarts` may be, where components are made to fail.
    """

    lag_p99_ms: float = 5.0
    generator_cpu: float = 0.70
    rate_error: float = 0.01
    steal: float = 0.05
    foreign: float = 0.10
    in_flight_off: float = 0.05
    in_flight_errors: float = 3.0
    restarts: int = 0


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
    in_flight: InFlight


def reasons_to_void(conditions: Conditions, gates: Gates) -> tuple[str, ...]:
    """`what happened: how much`, for each gate that the trial failed; none if it is valid."""
    rate_error = abs(conditions.achieved_rate / conditions.offered_rate - 1)
    off = conditions.in_flight.off(errors=gates.in_flight_errors)
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
        f"restarts nobody asked for: {conditions.restarts}": conditions.restarts > gates.restarts,
        f"memory swapped: {conditions.swap_bytes / 1e6:.0f} MB": conditions.swap_bytes > 0,
        f"Little's law broken: {conditions.in_flight.sampled:.2f} requests under way, "
        f"{conditions.in_flight.by_rows:.2f} by the rows": off > gates.in_flight_off,
    }
    return tuple(reason for reason, failed in failures.items() if failed)
