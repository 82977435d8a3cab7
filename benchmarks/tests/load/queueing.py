"""What theory says of one server with constant service times."""

import numpy as np
from numpy.typing import NDArray


def lindley(times: NDArray[np.float64], service: float) -> NDArray[np.float64]:
    """Time in system of each arrival (n,) at a queue with one server (Lindley 1952), in seconds."""
    waits = np.empty_like(times)
    free = 0.0
    for number, at in enumerate(times):
        free = max(at, free) + service
        waits[number] = free - at
    return waits


def mean_time_in_system(rho: float, service: float) -> float:
    """Of M/D/1 at utilisation `rho` (Pollaczek 1930, Khinchine 1932)."""
    return service + rho * service / (2 * (1 - rho))
