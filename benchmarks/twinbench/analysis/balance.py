"""Whether replicas share the load: who answered, as the gateway told, against even shares."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pyarrow.compute as pc
from scipy import special

from twinbench.results.store import Run

_CONFIDENCE: Final = 0.95
# A share may be off by so much of an even one: what matters to a capacity, not to a proof.
MARGIN: Final = 0.2

Balanced = Literal["even", "uneven", "undecided", "not told"]


@dataclass(frozen=True, slots=True)
class Share:
    """Of a component's requests, those that one replica answered; the interval is exact."""

    replica: str
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Balance:
    """Of one component with so many replicas, over all `trials` in which it had them.

    `even`: all intervals lie within MARGIN of an even share; `uneven`: one lies outside, of all
    trials together or of one of them (`uneven_trials`). `not told`: no answer said whose it was.
    """

    arm: str
    component: str
    shares: tuple[Share, ...]
    requests: int
    trials: int
    uneven_trials: int
    verdict: Balanced


def balances(run: Run) -> tuple[Balance, ...]:
    """By arm, component and number of replicas; none of a run that had one of everything."""
    if "replicas" not in run.tables:
        return ()
    addresses: dict[int, dict[str, dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    arms: dict[int, str] = {}
    for row in run.tables["replicas"].to_pylist():
        addresses[row["trial"]][row["component"]][row["replica"]] = row["address"]
        arms[row["trial"]] = row["arm"]
    counted: dict[tuple[str, str, int], list[dict[str, int]]] = defaultdict(list)
    for trial, components in addresses.items():
        said = _answers(run, trial)
        for component, replicas in components.items():
            counts = counts_of(said, replicas)
            counted[arms[trial], component, len(replicas)].append(counts)
    ordered = sorted(counted.items())
    return tuple(balance(arm, name, counts) for (arm, name, _), counts in ordered)


def _answers(run: Run, trial: int) -> dict[str, int]:
    """How many answers each told of; those that told nothing are left out."""
    said = run.requests([trial])["replica"].cast("string")
    return {
        row["values"]: row["counts"]
        for row in pc.value_counts(said).to_pylist()
        if row["values"] is not None
    }


def counts_of(said: Mapping[str, int], replicas: Mapping[str, str]) -> dict[str, int]:
    """Answers of each replica, 0 too. `said` is by what the gateway calls whom it has asked.

    That is where a process listens (`replicas`: name to address), or a container's own name, which
    ends with the replica's.
    """
    counts = dict.fromkeys(replicas, 0)
    for teller, count in said.items():
        host = teller.rpartition(":")[0]
        for name, address in replicas.items():
            if teller == address or host.endswith(f"-{name}"):
                counts[name] += count
    return counts


def balance(arm: str, component: str, trials: Sequence[Mapping[str, int]]) -> Balance:
    """From the answers of each replica, by name, in every trial that had the same replicas."""
    pooled: Counter[str] = Counter()
    for counts in trials:
        pooled.update(counts)
    total = pooled.total()
    shares = shares_of(pooled, intervals=len(pooled))
    intervals = len(trials) * len(pooled)
    by_trial = [shares_of(counts, intervals=intervals) for counts in trials if any(counts.values())]
    uneven = sum(_is_uneven(own) for own in by_trial)
    verdict: Balanced = "undecided"
    if not total:
        verdict = "not told"
    elif uneven or _is_uneven(shares):
        verdict = "uneven"
    elif all(_inside(share, len(shares)) for share in shares):
        verdict = "even"
    return Balance(arm, component, shares, total, len(trials), uneven, verdict)


def shares_of(counts: Mapping[str, int], *, intervals: int) -> tuple[Share, ...]:
    """With exact intervals (Clopper and Pearson 1934), all `intervals` of which hold together with
    at least 95 % (Bonferroni)."""
    total = sum(counts.values())
    level = 1 - (1 - _CONFIDENCE) / intervals
    return tuple(
        Share(name, count / total if total else 0.0, *_exact(count, total, level))
        for name, count in sorted(counts.items())
    )


def _exact(count: int, total: int, confidence: float) -> tuple[float, float]:
    tail = (1 - confidence) / 2
    low = special.betaincinv(count, total - count + 1, tail) if count else 0.0
    high = special.betaincinv(count + 1, total - count, 1 - tail) if count < total else 1.0
    return float(low), float(high)


def _is_uneven(shares: Sequence[Share]) -> bool:
    low, high = _bounds(len(shares))
    return any(share.high < low or share.low > high for share in shares)


def _inside(share: Share, replicas: int) -> bool:
    low, high = _bounds(replicas)
    return low <= share.low and share.high <= high


def _bounds(replicas: int) -> tuple[float, float]:
    return (1 - MARGIN) / replicas, (1 + MARGIN) / replicas
