import pytest

from twinbench.analysis.judging import counted, judged
from twinbench.analysis.verdicts import Verdict


@pytest.mark.parametrize(
    ("verdicts", "judgement"),
    [
        (["higher"], "holds"),
        (["higher", "equivalent"], "holds"),
        (["lower"], "refuted"),
        (["equivalent", "equivalent"], "refuted"),
        (["lower", "equivalent"], "refuted"),
        (["higher", "lower"], "open"),
        (["higher", "inconclusive"], "open"),
        ([None], "open"),
        ([], "open"),
    ],
)
def test_a_claim_that_figures_are_higher(verdicts: list[Verdict | None], judgement: str) -> None:
    assert judged(verdicts, claimed="higher") == judgement


def test_a_claim_may_be_that_figures_are_lower() -> None:
    assert judged(["lower"], claimed="lower") == "holds"
    assert judged(["higher"], claimed="lower") == "refuted"


def test_counts_are_compared_as_they_are() -> None:
    assert [counted(3, other) for other in (2, 3, 4)] == ["lower", "equivalent", "higher"]
