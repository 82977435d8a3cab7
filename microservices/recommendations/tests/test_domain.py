from typing import Any

import pytest

from recommendations.domain import Product, candidates, features, ranking
from tests.conftest import golden

CASES = golden("recommendations")


def name(case: dict[str, Any]) -> str:
    return str(case["name"])


def counts(found: dict[str, int]) -> dict[int, int]:
    return {int(product_id): count for product_id, count in found.items()}


@pytest.mark.parametrize("case", CASES["features"], ids=name)
def test_features_are_the_contracts(case: dict[str, Any]) -> None:
    found = features(Product(**case["product"]), counts(case["co_purchases"]))
    assert found == pytest.approx(case["features"], abs=1e-12)


@pytest.mark.parametrize("case", CASES["candidates"], ids=name)
def test_candidates_are_the_contracts(case: dict[str, Any]) -> None:
    product_id, limit = case["product_id"], case["limit"]
    together = {pair["product_id"]: pair["count"] for pair in case["co_purchases"]}
    following = [other for other in case["category_ids"] if other > product_id]
    preceding = [other for other in case["category_ids"] if other < product_id]
    found = candidates(product_id, together, following + preceding, limit)
    assert found == case["candidates"]


@pytest.mark.parametrize("case", CASES["scores"], ids=name)
def test_scores_are_the_contracts(case: dict[str, Any]) -> None:
    scores = ranking(
        Product(**case["product"]),
        [Product(**candidate) for candidate in case["candidates"]],
        {int(product_id): counts(found) for product_id, found in case["co_purchases"].items()},
        case["limit"],
    )
    assert [{"id": score.product_id, "score": score.value} for score in scores] == case["items"]
