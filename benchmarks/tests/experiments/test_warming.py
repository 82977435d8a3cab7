"""When an arm counts as warm, and what a rate is up to."""

import numpy as np

from twinbench.experiments.latency import rates_up_to_the_knee
from twinbench.experiments.levels import Window, level_after


def windows(means: list[float], answered: int = 40, deviation: float = 0.2) -> list[Window]:
    return [Window(answered, mean, deviation * mean) for mean in means]


def test_what_is_level_from_the_start_is_level_at_once() -> None:
    assert level_after(windows([1.0] * 8)) == 4.0


def test_what_still_falls_is_not_level() -> None:
    assert level_after(windows([8.0, 4.0, 2.0, 1.0, 1.0, 1.0, 1.0])) == 7.0
    assert level_after(windows([8.0, 4.0, 2.0, 1.0])) is None


def test_what_still_answers_more_is_not_level() -> None:
    rising = [Window(count, 1.0, 0.1) for count in (20, 40, 80, 160, 160, 160, 160)]
    assert level_after(rising) == 7.0


def test_a_second_without_answers_is_no_level() -> None:
    assert level_after([Window(0, np.inf, np.inf)] * 4) is None


def test_noise_alone_is_level() -> None:
    random = np.random.default_rng(1)
    found = 0
    for _ in range(200):
        samples = [random.exponential(0.05, random.poisson(20)) for _ in range(4)]
        rows = [Window(len(s), float(np.mean(s)), float(np.std(s))) for s in samples]
        found += level_after(rows) is not None
    assert found >= 170


def test_rates_go_past_every_arms_knee_but_not_far_beyond() -> None:
    rates = rates_up_to_the_knee({"fast": 50.0, "slow": 20.0}, (0.2, 0.6, 0.9, 1.1))
    assert list(rates) == [4.0, 10.0, 12.0, 18.0, 22.0, 30.0, 45.0, 55.0]
    assert all("fast" in arms for arms in rates.values())
    assert [rate for rate, arms in rates.items() if "slow" in arms] == [4.0, 10.0, 12.0, 18.0, 22.0]


def test_rates_that_are_nearly_the_same_are_one() -> None:
    assert list(rates_up_to_the_knee({"a": 20.0, "b": 21.0}, (0.5, 1.0))) == [10.0, 21.0]
