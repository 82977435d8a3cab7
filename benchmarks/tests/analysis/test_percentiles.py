import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinbench.analysis.percentiles import enough_for, percentile


def test_known_values() -> None:
    hundred = np.random.default_rng(1).permutation(np.arange(1.0, 101.0))
    assert [percentile(hundred, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50, 95, 99, 100]
    assert percentile(np.array([3.0]), 0.5) == 3


def test_what_never_ended_is_the_worst_there_is() -> None:
    samples = np.array([1.0, 2.0, 3.0, math.inf])
    assert percentile(samples, 0.75) == 3
    assert percentile(samples, 0.95) == math.inf


def test_no_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="no samples"):
        percentile(np.array([]), 0.5)


@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=200),
    st.sampled_from([0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0]),
)
def test_it_is_the_smallest_sample_that_enough_do_not_exceed(
    samples: list[float], share: float
) -> None:
    found = percentile(np.array(samples), share)
    needed = share * len(samples) - 1e-6
    assert sum(sample <= found for sample in samples) >= needed
    below = [sample for sample in samples if sample < found]
    assert not below or sum(sample <= max(below) for sample in samples) < needed + 1e-5


@pytest.mark.parametrize(("count", "share"), [(2, 0.5), (20, 0.95), (100, 0.99)])
def test_a_percentile_needs_a_sample_beyond_it(count: int, share: float) -> None:
    assert enough_for(count, share)
    assert not enough_for(count - 1, share)
