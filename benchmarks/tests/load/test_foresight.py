"""What a plan's journeys will restock is known before they do."""

from dataclasses import replace
from random import Random

from twinbench.load.arrivals import schedule_arrivals
from twinbench.load.foresight import restocked
from twinbench.load.plan import Customer, LoadPlan, Shop
from twinbench.load.popularity import ZipfSampler

PRODUCTS = tuple(range(1, 201))
SHOP = Shop(
    base_url="http://127.0.0.1:1",
    customers=(Customer("one@shop.example", "secret", "token"),),
    staff_token="token",
    categories=("chairs",),
    search_terms=("oak",),
    products=PRODUCTS,
)
PLAN = LoadPlan(
    trial=1, rate=20.0, warmup_s=1.0, measure_s=4.0, tail_s=1.0, drain_s=1.0, seed=3,
    mix={"browse": 0.5, "operate": 0.5}, zipf=1.0, think_s=0.1, cores=(0,), requests_path="",
    shop=SHOP,
)  # fmt: skip


def test_every_product_that_a_journey_chooses_first_is_foreseen() -> None:
    schedule = schedule_arrivals(PLAN.whole_course, weights=PLAN.mix, seed=PLAN.seed)
    ranks = ZipfSampler(len(PRODUCTS), PLAN.zipf)
    operate = schedule.names.index("operate")
    chosen = {
        PRODUCTS[ranks.rank(Random(seed).random()) - 1]
        for seed, kind in zip(schedule.seeds.tolist(), schedule.kinds.tolist(), strict=True)
        if kind == operate
    }
    assert len(chosen) > 10
    assert chosen <= restocked(PLAN)
    assert len(restocked(PLAN)) <= 2 * sum(schedule.kinds == operate)


def test_where_staff_do_nothing_nothing_is_restocked() -> None:
    assert restocked(replace(PLAN, mix={"browse": 1.0})) == frozenset()
