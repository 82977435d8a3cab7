from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg

from shop.catalog import public as catalog
from shop.platform.compiled import Compiled, any_of
from shop.platform.errors import NotFound
from shop.recommendations.domain import Counts, Product, candidates, ranking
from shop.recommendations.models import CoPurchase


@dataclass(frozen=True, slots=True)
class Recommendation:
    id: int
    name: str
    price_amount: int
    score: float


def recommendation_list(*, product_id: int, limit: int) -> list[Recommendation]:
    if (subject := catalog.product_attributes(product_ids=[product_id]).get(product_id)) is None:
        raise NotFound
    size = settings.RECOMMENDATION_CANDIDATES
    own = _co_purchases([product_id]).get(product_id, {})
    neighbours = catalog.category_neighbours(
        category=subject.category, product_id=product_id, limit=size
    )
    chosen = candidates(product_id, own, neighbours, size)
    found = catalog.product_attributes(product_ids=chosen)
    scores = ranking(
        _product(subject),
        [_product(attributes) for attributes in found.values()],
        {**_co_purchases(chosen), product_id: own},
        limit,
    )
    return [
        Recommendation(
            id=score.product_id,
            name=found[score.product_id].name,
            price_amount=found[score.product_id].price,
            score=score.value,
        )
        for score in scores
    ]


def _co_purchases(product_ids: Collection[int]) -> dict[int, Counts]:
    rows = _count_query().rows(product_ids=list(product_ids))
    return {product: dict(zip(others, counts, strict=True)) for product, others, counts in rows}


@cache
def _count_query() -> Compiled:
    """One row per product: popular ones were bought with tens of thousands of others, and a row
    for each pair costs eight times as much to read."""
    products = CoPurchase.objects.filter(any_of("product_id", "product_ids")).values("product_id")
    lists = products.annotate(others=ArrayAgg("other_id"), counts=ArrayAgg("count"))
    return Compiled(lists.values_list("product_id", "others", "counts"))


def _product(attributes: catalog.ProductAttributes) -> Product:
    return Product(attributes.id, attributes.category, attributes.price, attributes.tags)
