from math import isclose
from typing import Any

import pytest

from shop.recommendations.domain import Product, candidates, features, ranking
from tests.golden import cases

GOLDEN = cases("recommendations")


def product(case: dict[str, Any]) -> Product:
    return Product(case["id"], case["category"], case["price_amount"], tuple(case["tags"]))


def counts(case: dict[str, int]) -> dict[int, int]:
    return {int(other_id): count for other_id, count in case.items()}


@pytest.mark.parametrize("case", GOLDEN["features"], ids=lambda case: case["name"])
def test_features(case: dict[str, Any]) -> None:
    found = features(product(case["product"]), counts(case["co_purchases"]))
    assert found.keys() == case["features"].keys()
    assert all(isclose(found[name], case["features"][name]) for name in found)


@pytest.mark.parametrize("case", GOLDEN["candidates"], ids=lambda case: case["name"])
def test_candidates(case: dict[str, Any]) -> None:
    product_id, category = case["product_id"], case["category_ids"]
    neighbours = [other for other in category if other > product_id]
    neighbours += [other for other in category if other < product_id]
    co_purchases = {pair["product_id"]: pair["count"] for pair in case["co_purchases"]}
    chosen = candidates(product_id, co_purchases, neighbours, case["limit"])
    assert chosen == case["candidates"]


@pytest.mark.parametrize("case", GOLDEN["scores"], ids=lambda case: case["name"])
def test_scores(case: dict[str, Any]) -> None:
    co_purchases = {int(key): counts(value) for key, value in case["co_purchases"].items()}
    others = [product(other) for other in case["candidates"]]
    best = ranking(product(case["product"]), others, co_purchases, case["limit"])
    assert [{"id": score.product_id, "score": score.value} for score in best] == case["items"]
