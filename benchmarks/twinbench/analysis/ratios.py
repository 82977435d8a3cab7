"""The effect: the ratio of two arms per block, its geometric mean and interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

# Blocks may agree to the last digit (memory, say); the spread is then not zero but not seen.
_LEAST_SPREAD: Final = 1e-9
# Two wild blocks can reach beyond what a float holds.
_LARGEST: Final = 690.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """Geometric mean of per-block ratios with an interval at `confidence`.

    `p_different` is against a ratio of 1; `p_equivalent` is the larger of the two one-sided tests
    against the margin, so a small value says that the ratio lies within it.
    """

    ratio: float
    low: float
    high: float
    confidence: float
    blocks: int
    p_different: float
    p_equivalent: float


def log_ratios(numerators: Sequence[float], denominators: Sequence[float]) -> NDArray[np.float64]:
    """ln(numerator / denominator) of each block. Raises ValueError unless all are positive."""
    above, below = _positive(numerators), _positive(denominators)
    if above.shape != below.shape:
        raise ValueError("ratios need two positive figures from every block")
    if not (np.all(np.isfinite(above)) and np.all(np.isfinite(below))):
        return np.full(above.shape, np.nan)
    logs: NDArray[np.float64] = np.log(above) - np.log(below)
    return logs


def estimate(
    logs: NDArray[np.float64], *, margin: float = 0.05, confidence: float = 0.95
) -> Estimate:
    """Estimate from one log-ratio per block.

    Interval and p-values are Student's t on the logs, whatever the number of blocks (decision 11);
    equivalence within 1/(1+margin)..1+margin is by two one-sided tests (Schuirmann 1987). With one
    block, or where a figure was infinite, the interval is unbounded and both p-values are 1.
    Raises ValueError for no blocks.
    """
    count = len(logs)
    if not count:
        raise ValueError("an estimate needs at least one block")
    if count == 1 or not np.all(np.isfinite(logs)):
        return _unbounded(float(np.mean(logs)), count, confidence)
    return _student(_paired(logs), margin=margin, confidence=confidence)


def intervals(
    logs: NDArray[np.float64], *, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of many sets at once: shape (..., blocks) in, the lower and the upper log-ratios out (...).

    The intervals that `estimate` gives, for simulations; at least two blocks, all finite.
    """
    return _reach(_paired(logs), confidence)


def estimate_unpaired(
    numerators: Sequence[float],
    denominators: Sequence[float],
    *,
    margin: float = 0.05,
    confidence: float = 0.95,
) -> Estimate:
    """Ratio of two sets of figures that share no blocks, such as those of two runs.

    Welch's t (1947) on the logs, degrees of freedom after Satterthwaite; `blocks` is the smaller
    count. Unbounded where a side has fewer than two figures or an infinite one. Raises ValueError
    for an empty side or figures that are not positive.
    """
    above, below = np.log(_positive(numerators)), np.log(_positive(denominators))
    count = min(len(above), len(below))
    if not count:
        raise ValueError("an estimate needs at least one block of each side")
    finite = bool(np.all(np.isfinite(above)) and np.all(np.isfinite(below)))
    if count == 1 or not finite:
        centre = float(np.mean(above) - np.mean(below)) if finite else math.nan
        return _unbounded(centre, count, confidence)
    return _student(_unpaired(above, below), margin=margin, confidence=confidence)


def unpaired_intervals(
    above: NDArray[np.float64], below: NDArray[np.float64], *, confidence: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """As `intervals`, of `estimate_unpaired`: the logs of either side, one set per row."""
    return _reach(_unpaired(above, below), confidence)


class _Fit(NamedTuple):
    """Mean log-ratio, its standard error and degrees of freedom; arrays where sets are many."""

    centre: NDArray[np.float64]
    error: NDArray[np.float64]
    freedom: NDArray[np.float64]
    blocks: int


def _paired(logs: NDArray[np.float64]) -> _Fit:
    count = logs.shape[-1]
    spread = np.maximum(np.std(logs, axis=-1, ddof=1), _LEAST_SPREAD)
    return _Fit(np.mean(logs, axis=-1), spread / math.sqrt(count), np.asarray(count - 1.0), count)


def _unpaired(above: NDArray[np.float64], below: NDArray[np.float64]) -> _Fit:
    counts = above.shape[-1], below.shape[-1]
    one, other = (
        np.maximum(np.var(side, axis=-1, ddof=1), _LEAST_SPREAD**2) / side.shape[-1]
        for side in (above, below)
    )
    freedom = (one + other) ** 2 / (one**2 / (counts[0] - 1) + other**2 / (counts[1] - 1))
    centre = np.mean(above, axis=-1) - np.mean(below, axis=-1)
    return _Fit(centre, np.sqrt(one + other), freedom, min(counts))


def _reach(fit: _Fit, confidence: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    reach = special.stdtrit(fit.freedom, 0.5 + confidence / 2) * fit.error
    return fit.centre - reach, fit.centre + reach


def _student(fit: _Fit, *, margin: float, confidence: float) -> Estimate:
    low, high = (float(edge) for edge in _reach(fit, confidence))
    centre, error, freedom = float(fit.centre), float(fit.error), float(fit.freedom)
    bound = math.log1p(margin)

    def beyond(distance: float) -> float:
        """The chance of a t at least so far above 0."""
        return float(special.stdtr(freedom, -distance / error))

    return Estimate(
        ratio=math.exp(centre),
        low=math.exp(low),
        high=math.exp(high) if high < _LARGEST else math.inf,
        confidence=confidence,
        blocks=fit.blocks,
        p_different=2 * beyond(abs(centre)),
        p_equivalent=max(beyond(centre + bound), beyond(bound - centre)),
    )


def _unbounded(centre: float, count: int, confidence: float) -> Estimate:
    return Estimate(math.exp(centre), 0.0, math.inf, confidence, count, 1.0, 1.0)


def _positive(figures: Sequence[float]) -> NDArray[np.float64]:
    values = np.asarray(figures, float)
    if not np.all(values > 0):
        raise ValueError("ratios need two positive figures from every block")
    return values
