"""The self-check tells a tool that can be believed from one that cannot."""

from dataclasses import replace

import numpy as np
import pytest

from twinbench.analysis.blocks import Column, Measure, Stage
from twinbench.analysis.selfcheck import check_coverage, check_run


def stage(
    *, spread: float, blocks: int = 12, arms: tuple[str, ...] = ("one", "two"), seed: int = 1
) -> Stage:
    random = np.random.default_rng(seed)
    machine = random.normal(0, 0.05, blocks)
    measures = [
        *(Measure("journey", f"journey {index}", "p50", "ms") for index in range(8)),
        Measure("request", "all", "p50", "ms"),
    ]

    def column() -> Column:
        return tuple(np.exp(3 + machine + random.normal(0, spread, blocks)))

    columns = {measure: {arm: column() for arm in arms} for measure in measures}
    return Stage(20.0, arms, tuple(range(blocks)), True, columns, {})


def test_a_run_of_honest_noise_passes() -> None:
    alike, planted = check_run([stage(spread=0.03), stage(spread=0.03, seed=2)],
                               sets=200, blocks=8, seed=1)  # fmt: skip
    assert alike.passed
    assert planted.passed
    assert "of 200 resampled tables" in alike.outcome
    assert "simulated runs of 8 blocks" in planted.outcome


def test_a_noisy_machine_does_not_find_the_effect() -> None:
    alike, planted = check_run([stage(spread=0.5)], sets=200, blocks=8, seed=1)
    assert alike.passed
    assert planted.passed is False


def test_more_blocks_find_more() -> None:
    noisy = [stage(spread=0.08)]
    few, many = (check_run(noisy, sets=200, blocks=blocks, seed=1)[1] for blocks in (3, 40))
    assert few.passed is False
    assert many.passed


def test_what_a_run_is_too_small_for_stays_open() -> None:
    alike, planted = check_run([stage(spread=0.03, blocks=7)], sets=100, blocks=8, seed=1)
    assert alike.passed is None
    assert planted.passed is not None
    lone = stage(spread=0.03, arms=("one",))
    assert check_run([lone], sets=100, blocks=8, seed=1)[1].passed is None
    void = replace(stage(spread=0.03), sound=False)
    assert [each.passed for each in check_run([void], sets=100, blocks=8, seed=1)] == [None, None]


def test_rates_that_some_arms_did_not_reach_are_no_hindrance() -> None:
    alone = stage(spread=0.03, arms=("one",), seed=2)
    checks = check_run([stage(spread=0.03), alone], sets=100, blocks=8, seed=1)
    assert all(check.passed for check in checks)


def test_figures_without_end_count_as_noise() -> None:
    whole = stage(spread=0.03)
    first = next(iter(whole.columns))
    endless: dict[str, Column] = dict.fromkeys(whole.arms, (np.inf,) * 12)
    with_it = replace(whole, columns={**whole.columns, first: endless})
    assert all(check.passed for check in check_run([with_it], sets=100, blocks=8, seed=1))


def test_the_same_seed_gives_the_same_answer() -> None:
    one, other = (check_run([stage(spread=0.05)], sets=100, blocks=5, seed=3) for _ in range(2))
    assert one == other


def test_too_few_sets_are_refused() -> None:
    with pytest.raises(ValueError, match="100 sets"):
        check_run([stage(spread=0.05)], sets=99, blocks=8, seed=1)


def test_coverage_is_one_of_the_checks() -> None:
    check = check_coverage(sets=20_000)
    assert check.passed
    assert "blocks)" in check.outcome
