"""Whom deployments disturb, of runs whose truth is known, and second by second."""

from pathlib import Path

import numpy as np
import pytest

from tests.analysis.test_deployments import BLOCKS, RATE, deployment_run
from tests.synthetic import ARMS
from twinbench.analysis.deployments import deployments
from twinbench.analysis.independence import Independence, components_of, independence
from twinbench.analysis.timelines import timeline
from twinbench.results.store import Run

MONOLITH, MICROSERVICES = ARMS


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return deployment_run(tmp_path_factory.mktemp("run"))


def beside(run: Run) -> Independence | None:
    return independence(run, deployments(run), arm=MICROSERVICES, base=MONOLITH)


def test_where_nobody_notices_either_nothing_is_surely_gained(run: Run) -> None:
    known = beside(run)
    assert known is not None
    assert known.disturbed.units == BLOCKS
    assert known.disturbed.second < 0.1
    assert known.disturbed.low < 0 < known.disturbed.high
    assert known.judgement != "holds"
    assert known.longer.ratio == pytest.approx(0.5)


def test_voided_trials_do_not_count(tmp_path: Path) -> None:
    everything = frozenset(range(1, BLOCKS * 6 + 1))
    assert beside(deployment_run(tmp_path, void=everything)) is None


def test_components_are_those_that_were_measured(run: Run) -> None:
    assert components_of(run, ARMS) == {MONOLITH: 4, MICROSERVICES: 5}


def test_failures_stand_where_they_happened(run: Run) -> None:
    kinds = {(one.arm, one.strategy): one for one in deployments(run).kinds}
    seen = timeline(run, kinds[MONOLITH, "recreate"])
    assert (seen.at[0], seen.at[-1]) == (-2.75, 2.75)
    assert not seen.failed[seen.at < 0].any()
    # Every fourth journey buys, and all that do fail meanwhile.
    assert seen.failed[seen.at > 0.5].sum() == pytest.approx(BLOCKS * RATE * 2.5 / 4, abs=4)
    assert seen.requests.min() > 0
    assert np.nanmedian(seen.p50[seen.at > 0]) > np.nanmedian(seen.p50[seen.at < 0])
    assert seen.switched_s == pytest.approx(1.0)
