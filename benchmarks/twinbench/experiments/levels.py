"""When an arm has warmed up: the rule, on figures of one-second windows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

WINDOW_S: Final = 1.0
_COMPARED: Final = 2
_TOLERANCE: Final = 0.10
_STANDARD_ERRORS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Window:
    """One second: requests answered in it, mean and standard deviation of their seconds."""

    answered: int
    mean: float
    deviation: float


def windows_of(requests: pa.Table, *, begin: float, seconds: float) -> list[Window]:
    """Answers by the second in which they came; `begin` counts from the trial's origin."""
    done = requests.filter(pc.is_valid(requests["finished_ns"]))
    finished = done["finished_ns"].to_numpy() / 1e9
    waited = finished - done["intended_ns"].to_numpy() / 1e9
    return [
        _window(waited[(finished >= start) & (finished < start + WINDOW_S)])
        for start in np.arange(begin, begin + seconds - WINDOW_S / 2, WINDOW_S)
    ]


def _window(waited: NDArray[np.float64]) -> Window:
    if not len(waited):
        return Window(0, math.inf, math.inf)
    return Window(len(waited), float(np.mean(waited)), float(np.std(waited)))


def level_after(windows: Sequence[Window]) -> float | None:
    """Seconds until throughput and latency are level, or None if they never are.

    They are level as soon as the two latest windows and the two before agree, both in answers
    and in mean latency: their difference is below 10 % or, where fewer answers than that takes have
    come, below two standard errors of itself (of counts by Poisson). Four seconds are the least.
    """
    for end in range(2 * _COMPARED, len(windows) + 1):
        before = windows[end - 2 * _COMPARED : end - _COMPARED]
        after = windows[end - _COMPARED : end]
        if _agree(before, after):
            return end * WINDOW_S
    return None


def _agree(before: Sequence[Window], after: Sequence[Window]) -> bool:
    counts = [sum(window.answered for window in part) for part in (before, after)]
    if 0 in counts:
        return False
    means, errors = zip(*(_pooled(part) for part in (before, after)), strict=True)
    return _near(counts[0], counts[1], math.sqrt(sum(counts))) and _near(
        means[0], means[1], math.hypot(*errors)
    )


def _pooled(windows: Sequence[Window]) -> tuple[float, float]:
    """Mean over all answers, and its standard error."""
    held = [window for window in windows if window.answered]
    count = sum(window.answered for window in held)
    mean = sum(window.answered * window.mean for window in held) / count
    square = sum(w.answered * (w.deviation**2 + (w.mean - mean) ** 2) for w in held)
    return mean, math.sqrt(square) / count


def _near(one: float, two: float, error: float) -> bool:
    return abs(two - one) <= max(_TOLERANCE * max(one, two), _STANDARD_ERRORS * error)
