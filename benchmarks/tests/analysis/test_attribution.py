"""A planted framework and a planted distribution are told apart, and multiply."""

from pathlib import Path

import numpy as np
import pytest

from tests.synthetic import THREE_ARMS, write_run
from twinbench.analysis.attribution import attribute
from twinbench.analysis.blocks import Measure, Stage
from twinbench.analysis.comparison import compare

CPU = Measure("arm", "CPU", "", "CPU-ms")
FRAMEWORK, DISTRIBUTION = 0.7, 2.5


def stage(random: np.random.Generator, blocks: int = 10) -> Stage:
    machine = np.exp(np.cumsum(random.normal(0, 0.2, blocks)))
    scale = {"monolith": 1.0, "modulith": FRAMEWORK, "microservices": FRAMEWORK * DISTRIBUTION}
    column = {
        arm: tuple(30 * factor * machine * random.lognormal(0, 0.05, blocks))
        for arm, factor in scale.items()
    }
    return Stage(20.0, tuple(scale), tuple(range(blocks)), True, {CPU: column}, {})


def test_causes_are_found_and_covered() -> None:
    random = np.random.default_rng(6)
    held = np.zeros(3)
    for _ in range(400):
        (found,) = attribute([stage(random)])
        parts = (found.framework, found.distribution, found.total)
        truths = (FRAMEWORK, DISTRIBUTION, FRAMEWORK * DISTRIBUTION)
        held += [
            part.estimate.low <= truth <= part.estimate.high
            for part, truth in zip(parts, truths, strict=True)
        ]
        assert (found.framework.verdict, found.distribution.verdict) == ("lower", "higher")
        assert found.product == pytest.approx(found.total.estimate.ratio)
    assert np.all((held / 400 >= 0.92) & (held / 400 <= 0.98))


def test_factors_multiply_to_the_total_in_every_row(tmp_path: Path) -> None:
    comparison = compare(write_run(tmp_path, arms=THREE_ARMS, factor=1.3))
    assert {(part.subject, part.measure) for part in comparison.attribution} >= {
        ("browse", "p50"), ("buy", "p95"), ("CPU", ""), ("memory", ""),
    }  # fmt: skip
    for part in comparison.attribution:
        assert part.product == pytest.approx(part.total.estimate.ratio, rel=1e-9)
        assert part.adds_up


def test_without_the_control_arm_nothing_is_attributed(tmp_path: Path) -> None:
    assert compare(write_run(tmp_path)).attribution == ()


def test_void_blocks_attribute_nothing_for_sure(tmp_path: Path) -> None:
    void = frozenset({1, 4, 7, 10})
    comparison = compare(write_run(tmp_path, rates=(40.0,), arms=THREE_ARMS, void=void))
    assert not comparison.sound
    assert {part.total.verdict for part in comparison.attribution} == {None}
