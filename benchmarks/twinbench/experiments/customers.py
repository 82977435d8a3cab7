"""Who journeys act for, and what they look for: the same for all arms."""

from dataclasses import replace

from twinbench.experiments.bench import Bench
from twinbench.experiments.trial import Trials
from twinbench.load.plan import Shop
from twinbench.load.preparation import PreparationError, Range, prepare_shop, read_range


def signed_in(bench: Bench, customers: int) -> dict[str, Shop]:
    """So many in each arm, all of which answer now.

    Which products and words are used is read from the first for all.
    Accounts are part of the seeded data and the keys that sign tokens are kept: so a reset leaves
    whoever is signed in signed in, for the hour that a token lasts. Raises PreparationError.
    """
    goods: Range | None = None
    shops = {}
    for arm in bench.arms:
        bench.only(arm)
        address = bench.engine.gateway(arm)
        found = read_range(address)
        goods = goods or found
        if found.product_count != goods.product_count:
            raise PreparationError(
                f"{arm} sells {found.product_count} products, {bench.arms[0]} "
                f"{goods.product_count}: the arms hold different data"
            )
        shops[arm] = prepare_shop(address, goods, customers=customers)
    return shops


def signed_in_anew(trials: Trials) -> Trials:
    """The same for customers who have signed in just now. Raises PreparationError."""
    return replace(trials, shops=signed_in(trials.bench, trials.workload.customers))
