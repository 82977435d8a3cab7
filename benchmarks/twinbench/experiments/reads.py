"""What a read costs that needs another capability's part, beside one that does not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from twinbench.experiments.bench import Bench
from twinbench.experiments.timekeeping import Ledger
from twinbench.load.plan import Shop
from twinbench.load.saturation import ClosedLoop

LOCAL: Final = "catalog"
COMPOSED: Final = "catalog and inventory"
COPIED: Final = "recommendations"
KINDS: Final = (LOCAL, COMPOSED, COPIED)
WARMUP_S: Final = 0.3
_PRODUCTS: Final = 100


def paths_of(shop: Shop) -> Mapping[str, Sequence[str]]:
    """One product in a list, which is the catalog's alone; one with its stock, which is asked for
    elsewhere; products like it, of which the services keep a copy."""
    popular = shop.products[:_PRODUCTS]
    return {
        LOCAL: [f"/api/v1/products?category={slug}&limit=1" for slug in shop.categories],
        COMPOSED: [f"/api/v1/products/{product}" for product in popular],
        COPIED: [f"/api/v1/products/{product}/recommendations" for product in popular],
    }


class Read(NamedTuple):
    """So many answers of one kind, and the CPU time that the whole arm used meanwhile."""

    kind: str
    requests: int
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Reading:
    """In a closed loop of so many seconds for each kind; the seed decides their order."""

    seconds: float
    seed: Sequence[int]

    @property
    def whole_s(self) -> float:
        return len(KINDS) * (self.seconds + WARMUP_S)


def read_all(bench: Bench, shop: Shop, arm: str, reading: Reading, ledger: Ledger) -> list[Read]:
    """Each kind in turn over one connection: nothing waits but for its own answer.

    Raises SaturationError.
    """
    reads = []
    paths = paths_of(shop)
    for index in np.random.default_rng(reading.seed).permutation(len(KINDS)):
        with ClosedLoop(shop.base_url, paths[KINDS[index]], connections=1) as loop:
            ledger.book("warming", loop.measure(WARMUP_S)[1])
            before = _cpu_seconds(bench, arm)
            requests, took = loop.measure(reading.seconds)
            used = _cpu_seconds(bench, arm) - before
        ledger.book("measuring", took)
        reads.append(Read(KINDS[index], requests, took, used))
    return reads


def _cpu_seconds(bench: Bench, arm: str) -> float:
    return sum(one.cpu_seconds for one in bench.engine.stats(arm, memory=False))
