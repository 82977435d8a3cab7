"""The share of hot requests is the one that was asked for, whatever the mix."""

import pytest

from twinbench.load.skew import HOT_REQUESTS, REQUESTS, hot_share, requests_per_journey, skewed
from twinbench.load.workload import Workload, default_workload


def usual(**mix: float) -> Workload:
    return Workload(mix, zipf=1.0, think_s=0.1, customers=4)


def test_the_usual_mix_is_what_it_says() -> None:
    """60 browse, 20 buy, 15 account, 5 operate."""
    mix = default_workload().mix
    assert requests_per_journey(mix) == pytest.approx(415 / 100)
    assert hot_share(mix) == pytest.approx(60 / 415)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize(
    "workload", [default_workload(), usual(buy=3.0), usual(browse=1.0, recommend=0.5)]
)
def test_a_mix_is_skewed_to_the_share_asked_for(workload: Workload, share: float) -> None:
    found = skewed(workload, max(share, hot_share(workload.mix)))
    assert hot_share(found.mix) == pytest.approx(max(share, hot_share(workload.mix)))
    assert sum(found.mix.values()) == pytest.approx(sum(workload.mix.values()))


def test_the_others_keep_their_proportions() -> None:
    mix = skewed(usual(browse=3.0, buy=1.0), 0.7).mix
    assert mix["browse"] / mix["buy"] == pytest.approx(3)


def test_what_is_hot_enough_stays_as_it_is() -> None:
    workload = default_workload()
    assert skewed(workload, 0.0) is workload
    assert skewed(workload, hot_share(workload.mix)) is workload


def test_more_than_all_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.2 is more than all"):
        skewed(default_workload(), 1.2)


def test_no_journey_is_hotter_than_it_is_long() -> None:
    assert all(count <= REQUESTS[name] for name, count in HOT_REQUESTS.items())
