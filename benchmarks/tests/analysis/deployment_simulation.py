"""Teams that finish changes at random, and lines that deploy them, event by event."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Simulated:
    """Over all changes: mean wait in seconds, share that collided, deployments for each."""

    wait_s: float
    collided: float
    deployments: float


def simulate(
    *, teams: int, lines: int, rate_each: float, seconds: tuple[float, ...], together: bool,
    changes: int, seed: int,
) -> Simulated:  # fmt: skip
    """Each team has its own clock; team k's changes go into line k modulo `lines`."""
    random = np.random.default_rng(seed)
    gaps = random.exponential(1 / rate_each, size=(teams, changes // teams))
    finished = np.cumsum(gaps, axis=1)
    waits: list[float] = []
    collided = deployments = 0
    horizon = float(finished[:, -1].min())
    for line in range(lines):
        own = np.sort(finished[line::lines].ravel())
        arrivals = own[own <= horizon].tolist()
        durations = random.choice(seconds, size=len(arrivals)).tolist()
        free, place = 0.0, 0
        while place < len(arrivals):
            begin = max(free, arrivals[place])
            first = place
            place += 1
            while together and place < len(arrivals) and arrivals[place] <= begin:
                place += 1
            for number in range(first, place):
                waits.append(begin - arrivals[number])
                collided += arrivals[number] < free
            free = begin + durations[deployments % len(durations)]
            deployments += 1
    return Simulated(float(np.mean(waits)), collided / len(waits), deployments / len(waits))
