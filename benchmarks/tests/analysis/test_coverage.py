"""Every interval covers the truth as often as it promises, whatever the blocks are like."""

from twinbench.analysis.coverage import TRIALS, coverage

SIZES = (2, 4, 8, 12, 20)


def test_all_intervals_cover_93_to_97_percent() -> None:
    found = coverage(sets=8000, sizes=SIZES)
    assert len(found) == 3 * len(TRIALS) * len(SIZES)
    missed = [each for each in found if not 0.93 <= each.share <= 0.97]
    assert not missed
