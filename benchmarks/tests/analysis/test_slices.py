import pytest

from tests.synthetic import MIX, write_run
from twinbench.analysis.blocks import Measure, stages
from twinbench.analysis.slices import percentile_of
from twinbench.errors import TwinbenchError
from twinbench.results.store import Run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return write_run(tmp_path_factory.mktemp("run"), void=frozenset({2}))


def test_a_percentile_that_the_tables_have_is_the_same(run: Run) -> None:
    found = percentile_of(run, 50, rate=40.0)
    stage = next(stage for stage in stages(run) if stage.rate == 40.0)
    for (journey, arm), column in found.columns.items():
        assert column == stage.columns[Measure("journey", journey, "p50", "ms")][arm]
    assert {journey for journey, _ in found.columns} == set(MIX)
    assert found.blocks == len(stage.blocks)


def test_any_percentile_of_single_requests_can_be_asked_for(run: Run) -> None:
    lower, higher = (percentile_of(run, share, kind="request") for share in (33, 77))
    assert lower.rate == 20.0
    key = ("browse 0", "monolith")
    assert all(a < b for a, b in zip(lower.columns[key], higher.columns[key], strict=True))


def test_what_has_too_few_samples_is_left_out(run: Run) -> None:
    assert not percentile_of(run, 99.99).columns


def test_what_cannot_be_asked_is_told(run: Run) -> None:
    with pytest.raises(TwinbenchError, match="between 0 and 100"):
        percentile_of(run, 100)
    with pytest.raises(TwinbenchError, match="has no rate 7"):
        percentile_of(run, 50, rate=7)
