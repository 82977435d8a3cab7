"""Who answered, on simulated gateways: what is even, what is not, and how often that is told."""

import numpy as np
import pytest

from twinbench.analysis.balance import balance, counts_of, shares_of

SIMULATED = 400


def routed(random: np.random.Generator, shares: list[float], answers: int) -> dict[str, int]:
    counts = random.multinomial(answers, shares)
    return {f"web-{n}": int(count) for n, count in enumerate(counts, start=1)}


def test_exact_intervals_hold_together_what_they_promise() -> None:
    random, shares = np.random.default_rng(1), [0.5, 0.3, 0.2]
    held = 0
    for _ in range(SIMULATED):
        found = shares_of(routed(random, shares, 60), intervals=3)
        held += all(one.low <= true <= one.high for one, true in zip(found, shares, strict=True))
    assert held / SIMULATED >= 0.95


@pytest.mark.parametrize("replicas", [2, 3, 8])
def test_even_routing_is_hardly_ever_called_uneven(replicas: int) -> None:
    random, even = np.random.default_rng(2), [1 / replicas] * replicas
    verdicts = [
        balance("arm", "web", [routed(random, even, 200) for _ in range(5)]).verdict
        for _ in range(SIMULATED)
    ]
    assert verdicts.count("uneven") / SIMULATED <= 0.05


def test_enough_answers_prove_it_even() -> None:
    random = np.random.default_rng(3)
    found = balance("arm", "web", [routed(random, [1 / 3] * 3, 4000)])
    assert (found.verdict, found.requests, found.trials) == ("even", 4000, 1)


def test_a_replica_that_gets_little_is_found() -> None:
    random = np.random.default_rng(4)
    verdicts = [
        balance("arm", "web", [routed(random, [0.7, 0.3], 400)]).verdict for _ in range(200)
    ]
    assert verdicts.count("uneven") / len(verdicts) >= 0.8


def test_unevenness_that_changes_sides_is_not_averaged_away() -> None:
    found = balance("arm", "web", [{"web-1": 300, "web-2": 100}, {"web-1": 100, "web-2": 300}])
    assert [one.share for one in found.shares] == [0.5, 0.5]
    assert (found.verdict, found.uneven_trials) == ("uneven", 2)


def test_one_that_never_answered_counts() -> None:
    counts = counts_of({"127.0.0.1:20001": 50}, {"a-1": "127.0.0.1:20001", "a-2": "127.0.0.1:2"})
    assert counts == {"a-1": 50, "a-2": 0}
    assert balance("arm", "a", [counts]).verdict == "uneven"


def test_containers_are_known_by_their_names() -> None:
    said = {"twinbench-cart-1:8000": 5, "twinbench-cart-2:8000": 7, "twinbench-cart-12:8000": 9}
    places = {"cart-1": "10.0.0.1:8000", "cart-2": "10.0.0.2:8000"}
    assert counts_of(said, places) == {"cart-1": 5, "cart-2": 7}


def test_silence_is_not_called_even() -> None:
    assert balance("arm", "web", [{"web-1": 0, "web-2": 0}]).verdict == "not told"
