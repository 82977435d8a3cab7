"""What a plan will have done, before it is played: all of it follows from the seed."""

from random import Random
from typing import Final

from twinbench.load.arrivals import schedule_arrivals
from twinbench.load.plan import LoadPlan
from twinbench.load.popularity import ZipfSampler

_RESTOCKING: Final = "operate"


def restocked(plan: LoadPlan) -> frozenset[int]:
    """Products whose stock its journeys set, and perhaps others.

    A journey chooses its product first, but for a customer where none is free.
    """
    schedule = schedule_arrivals(
        plan.whole_course, weights=plan.mix, seed=plan.seed, process=plan.process
    )
    if _RESTOCKING not in schedule.names:
        return frozenset()
    ranks = ZipfSampler(len(plan.shop.products), plan.zipf)
    chosen = schedule.seeds[schedule.kinds == schedule.names.index(_RESTOCKING)]
    products = set()
    for seed in chosen.tolist():
        for customer_too in (False, True):
            random = Random(seed)
            if customer_too:
                random.choice(plan.shop.customers)
            products.add(plan.shop.products[ranks.rank(random.random()) - 1])
    return frozenset(products)
