"""A mix of journeys in which one capability, recommendations, is asked for more than usual."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from twinbench.load.workload import Workload

# Of each journey, in the order of its steps: how many requests, and how many recommendations.
REQUESTS: Final = {"browse": 4, "buy": 5, "account": 4, "operate": 3, "recommend": 4}
HOT_REQUESTS: Final = {"browse": 1, "recommend": 4}
_HOT: Final = "recommend"


def requests_per_journey(mix: Mapping[str, float]) -> float:
    """Of a mix of weights, where every journey goes to its end."""
    return _mean(mix, REQUESTS)


def hot_share(mix: Mapping[str, float]) -> float:
    """Of all requests, the share that asks for recommendations, 0..1."""
    return _mean(mix, HOT_REQUESTS) / _mean(mix, REQUESTS)


def skewed(workload: Workload, share: float) -> Workload:
    """With so many journeys among the others that do nothing else that `hot_share` is `share`.

    As it was, where that is not above what it was. Raises ValueError for a share above 1.
    """
    if share > 1:
        raise ValueError(f"a share of {share:g} is more than all")
    whole, hot = _mean(workload.mix, REQUESTS), _mean(workload.mix, HOT_REQUESTS)
    lacking = share * whole - hot
    if lacking <= 0:
        return workload
    # Of (1 - w) hot + w k = share ((1 - w) whole + w k), with k requests in such a journey.
    own = lacking / (lacking + REQUESTS[_HOT] * (1 - share))
    total = sum(workload.mix.values())
    mix = {name: weight * (1 - own) for name, weight in workload.mix.items()}
    mix[_HOT] = mix.get(_HOT, 0.0) + own * total
    return replace(workload, mix={name: weight for name, weight in mix.items() if weight > 0})


def _mean(mix: Mapping[str, float], counts: Mapping[str, int]) -> float:
    return sum(w * counts.get(name, 0) for name, w in mix.items()) / sum(mix.values())
