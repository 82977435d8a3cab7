"""The effect: the ratio of two arms per block, its geometric mean and interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

# Under this many blocks a bootstrap has too few distinct resamples to be trusted.
BOOTSTRAP_BLOCKS = 8
_RESAMPLES = 10_000
# Blocks may agree to the last digit (memory, say); the spread is then not zero but not seen.
_LEAST_SPREAD = 1e-9


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
    above, below = np.asarray(numerators, float), np.asarray(denominators, float)
    if above.shape != below.shape or not (np.all(above > 0) and np.all(below > 0)):
        raise ValueError("ratios need two positive figures from every block")
    if not (np.all(np.isfinite(above)) and np.all(np.isfinite(below))):
        return np.full(above.shape, np.nan)
    logs: NDArray[np.float64] = np.log(above) - np.log(below)
    return logs


def estimate(
    logs: NDArray[np.float64], *, margin: float = 0.05, confidence: float = 0.95, seed: int = 0
) -> Estimate:
    """Estimate from one log-ratio per block.

    Interval: Student's t on the logs; from eight blocks on, the bias-corrected and accelerated
    bootstrap over blocks (Efron 1987), `seed` drawing its resamples. P-values: t tests on the
    logs; equivalence within 1/(1+margin)..1+margin by two one-sided tests (Schuirmann 1987).
    With one block, or where a figure was infinite, the interval is unbounded and both p-values are
    1. Raises ValueError for no blocks.
    """
    count = len(logs)
    if not count:
        raise ValueError("an estimate needs at least one block")
    centre = float(np.mean(logs))
    if count == 1 or not np.all(np.isfinite(logs)):
        return Estimate(math.exp(centre), 0.0, math.inf, confidence, count, 1.0, 1.0)
    error = max(float(np.std(logs, ddof=1)), _LEAST_SPREAD) / math.sqrt(count)
    student = stats.t(df=count - 1)
    bound = math.log1p(margin)
    if count >= BOOTSTRAP_BLOCKS:
        low, high = _bca_interval(logs, confidence, seed)
    else:
        reach = float(student.ppf(0.5 + confidence / 2)) * error
        low, high = centre - reach, centre + reach
    return Estimate(
        ratio=math.exp(centre),
        low=math.exp(low),
        high=math.exp(high),
        confidence=confidence,
        blocks=count,
        p_different=float(2 * student.sf(abs(centre) / error)),
        p_equivalent=float(
            max(student.sf((centre + bound) / error), student.sf((bound - centre) / error))
        ),
    )


def _bca_interval(logs: NDArray[np.float64], confidence: float, seed: int) -> tuple[float, float]:
    if np.ptp(logs) < _LEAST_SPREAD:
        return float(logs[0]), float(logs[0])
    interval = stats.bootstrap(
        (logs,),
        np.mean,
        confidence_level=confidence,
        n_resamples=_RESAMPLES,
        method="BCa",
        rng=np.random.default_rng(seed),
    ).confidence_interval
    return float(interval.low), float(interval.high)
