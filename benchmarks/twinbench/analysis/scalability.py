"""The Universal Scalability Law, fitted to throughput against load or size."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

_FEWEST_POINTS: Final = 4  # three parameters, and something left to judge them by
_DRAWS: Final = 4000


@dataclass(frozen=True, slots=True)
class Bounded:
    """A fitted figure with its interval; `high` may be infinite."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ScalabilityLaw:
    """X(N) = rate * N / (1 + contention (N - 1) + coherency N (N - 1)), Gunther 2007.

    `rate` is the throughput of one, `contention` (sigma) the share that is serial, `coherency`
    (kappa) what each pays for each other. `peak` is the N of the highest throughput,
    sqrt((1 - contention) / coherency): infinite without coherency.
    """

    rate: Bounded
    contention: Bounded
    coherency: Bounded
    peak: Bounded
    confidence: float

    def throughput(self, size: float) -> float:
        parameters = np.array([self.rate.value, self.contention.value, self.coherency.value])
        return float(_law(parameters, np.array([size]))[0])


def fit(
    sizes: Sequence[float], throughputs: Sequence[float], *, confidence: float = 0.95, seed: int = 0
) -> ScalabilityLaw:
    """Least squares over all three parameters, none below 0 and contention at most 1.

    That is what `usl` 3 for R does, and so are the parameters' intervals, by Student's t on the
    linearised fit, cut off at the bounds. The peak's interval comes from drawing parameters from
    that fit, for a peak is finite only where coherency is not 0. Raises ValueError for fewer than
    four points or sizes, or figures that are not positive.
    """
    n, x = np.asarray(sizes, float), np.asarray(throughputs, float)
    if n.shape != x.shape or len(n) < _FEWEST_POINTS or len(np.unique(n)) < _FEWEST_POINTS:
        raise ValueError("the scalability law needs throughputs at four sizes or more")
    if not (np.all(n > 0) and np.all(x > 0) and np.all(np.isfinite(x))):
        raise ValueError("the scalability law needs positive sizes and throughputs")
    best, jacobian = _least_squares(n, x)
    freedom = len(n) - len(best)
    spread = float(np.sum((_law(best, n) - x) ** 2)) / freedom
    covariance = np.asarray(spread * np.linalg.pinv(jacobian.T @ jacobian), np.float64)
    reach = float(special.stdtrit(freedom, 0.5 + confidence / 2)) * np.sqrt(np.diag(covariance))
    low, high = np.maximum(best - reach, 0), best + reach
    rate, contention, coherency = (
        Bounded(float(b), float(below), float(above))
        for b, below, above in zip(best, low, high, strict=True)
    )
    edges = _peak_interval(best, covariance, freedom, confidence, seed)
    return ScalabilityLaw(rate, contention, coherency, Bounded(_peak(best), *edges), confidence)


def band(
    law: ScalabilityLaw, sizes: Sequence[float], throughputs: Sequence[float], at: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Between which throughputs the law lies at each size of `at`, at the law's confidence.

    Pointwise, by the delta method on the linearised fit (Bates and Watts 1988, 2.3), and never
    below 0. `sizes` and `throughputs` are those that it was fitted to.
    """
    n, x, wanted = (np.asarray(values, float) for values in (sizes, throughputs, at))
    best = np.array([law.rate.value, law.contention.value, law.coherency.value])
    jacobian, slopes = _slope(best, n), _slope(best, wanted)
    freedom = len(n) - len(best)
    spread = float(np.sum((_law(best, n) - x) ** 2)) / freedom
    covariance = spread * np.linalg.pinv(jacobian.T @ jacobian)
    variance = np.einsum("ij,jk,ik->i", slopes, covariance, slopes)
    reach = float(special.stdtrit(freedom, 0.5 + law.confidence / 2)) * np.sqrt(variance)
    centre = _law(best, wanted)
    return np.maximum(centre - reach, 0), centre + reach


def _law(parameters: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    rate, contention, coherency = parameters
    found: NDArray[np.float64] = rate * n / (1 + contention * (n - 1) + coherency * n * (n - 1))
    return found


def _slope(parameters: NDArray[np.float64], n: NDArray[np.float64]) -> NDArray[np.float64]:
    rate, contention, coherency = parameters
    below = 1 + contention * (n - 1) + coherency * n * (n - 1)
    of_rate = n / below
    of_contention = -rate * n * (n - 1) / below**2
    return np.column_stack([of_rate, of_contention, of_contention * n])


def _least_squares(
    n: NDArray[np.float64], x: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Parameters and the fit's slopes there. Scaled to about 1, so that all count alike."""
    scale = np.array([float(np.max(x / n)), 1.0, 1 / float(np.max(n))])
    highest = float(np.max(x))
    tight = 1e-14

    def residuals(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray((_law(scaled * scale, n) - x) / highest)

    def slopes(scaled: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(_slope(scaled * scale, n) * scale / highest)

    found = optimize.least_squares(
        residuals,
        np.array([1.0, 0.01, 0.01]),
        jac=slopes,
        bounds=(np.zeros(3), np.array([np.inf, 1.0, np.inf])),
        xtol=tight,
        ftol=tight,
        gtol=tight,
    )
    best = np.asarray(found.x * scale, float)
    return best, _slope(best, n)


def _peak(parameters: NDArray[np.float64]) -> float:
    _, contention, coherency = parameters
    smallest = 1e-12  # the solver stays that far inside its bounds
    return math.sqrt((1 - contention) / coherency) if coherency > smallest else math.inf


def _peak_interval(
    best: NDArray[np.float64],
    covariance: NDArray[np.float64],
    freedom: int,
    confidence: float,
    seed: int,
) -> tuple[float, float]:
    random = np.random.default_rng(seed)
    normal = random.multivariate_normal(best, covariance, size=_DRAWS) - best
    widened = normal / np.sqrt(random.chisquare(freedom, _DRAWS) / freedom)[:, None]
    drawn = best + widened
    contention, coherency = np.clip(drawn[:, 1], 0, 1), drawn[:, 2]
    peaks = np.full(_DRAWS, np.inf)
    bent = coherency > 0
    peaks[bent] = np.sqrt((1 - contention[bent]) / coherency[bent])
    low, high = np.quantile(peaks, [0.5 - confidence / 2, 0.5 + confidence / 2], method="nearest")
    return float(low), float(high)
