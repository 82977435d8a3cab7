"""The law's fit: against published figures, and against what its intervals promise."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from twinbench.analysis.scalability import band, fit

# SPEC SDM91 results of a Sun SPARCcenter 2000, the data set `specsdm91` of the R package usl.
LOADS = (1.0, 18.0, 36.0, 72.0, 108.0, 144.0, 216.0)
THROUGHPUTS = (64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2)


def test_the_published_peak() -> None:
    """That of usl 2 and later, which fits all three parameters; fits of two give 94.2 or 111."""
    law = fit(LOADS, THROUGHPUTS)
    assert law.peak.value == pytest.approx(96.5196, rel=1e-4)
    assert law.contention.value == pytest.approx(0.02772985, rel=1e-3)
    assert law.coherency.value == pytest.approx(1.043663e-4, rel=1e-3)
    assert law.rate.value == pytest.approx(89.9952, rel=1e-3)
    assert law.peak.low < 96.5196 < law.peak.high
    assert law.throughput(96.5196) > max(law.throughput(90), law.throughput(103))


def law_of(
    sizes: NDArray[np.float64], rate: float, sigma: float, kappa: float
) -> NDArray[np.float64]:
    return rate * sizes / (1 + sigma * (sizes - 1) + kappa * sizes * (sizes - 1))


def test_its_intervals_cover_the_truth() -> None:
    random = np.random.default_rng(9)
    sizes = np.repeat([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], 3)
    truth = (100.0, 0.05, 0.002)
    peak = math.sqrt(0.95 / 0.002)
    runs, held = 300, np.zeros(4)
    for _ in range(runs):
        noisy = law_of(sizes, *truth) + random.normal(0, 15, len(sizes))
        law = fit(sizes.tolist(), np.maximum(noisy, 1).tolist())
        figures = (law.rate, law.contention, law.coherency, law.peak)
        held += [
            figure.low <= true <= figure.high
            for figure, true in zip(figures, (*truth, peak), strict=True)
        ]
    assert np.all(held / runs >= 0.92)
    assert np.all(held / runs <= 0.99)


def test_its_band_covers_the_curve() -> None:
    random = np.random.default_rng(10)
    sizes = np.repeat([1.0, 2.0, 4.0, 8.0, 16.0, 32.0], 3)
    at = [1.0, 5.0, 12.0, 32.0]
    curve, known = (law_of(np.asarray(where), 100.0, 0.05, 0.002) for where in (at, sizes))
    runs, held = 200, np.zeros(len(at))
    for _ in range(runs):
        noisy = np.maximum(known + random.normal(0, 15, len(sizes)), 1).tolist()
        law = fit(sizes.tolist(), noisy)
        low, high = band(law, sizes.tolist(), noisy, at)
        assert np.all(low <= [law.throughput(size) for size in at])
        held += (low <= curve) & (curve <= high)
    assert np.all(held / runs >= 0.91)
    assert np.all(held / runs <= 0.99)


def test_nothing_falls_below_zero_where_growth_is_linear() -> None:
    sizes = np.array([1.0, 2.0, 4.0, 8.0, 16.0])
    jitter = np.array([1.0, 1.02, 1.0, 1.03, 1.04])
    law = fit(sizes.tolist(), (50 * sizes * jitter).tolist())
    assert 0 <= law.contention.value < 1e-6
    assert 0 <= law.coherency.value < 1e-6
    assert law.contention.low == law.coherency.low == 0
    assert law.peak.high == math.inf


@pytest.mark.parametrize(
    ("sizes", "throughputs"),
    [
        ((1.0, 2.0, 4.0), (1.0, 2.0, 3.0)),
        ((1.0, 1.0, 2.0, 2.0), (1.0, 1.0, 2.0, 2.0)),
        ((0.0, 1.0, 2.0, 4.0), (1.0, 2.0, 3.0, 4.0)),
        ((1.0, 2.0, 4.0, 8.0), (1.0, 2.0, 3.0, math.inf)),
    ],
)
def test_what_supports_no_fit_is_refused(
    sizes: tuple[float, ...], throughputs: tuple[float, ...]
) -> None:
    with pytest.raises(ValueError, match="scalability law needs"):
        fit(sizes, throughputs)
