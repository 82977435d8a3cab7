from collections import Counter
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, Settings

from shop.catalog.models import Category, Product
from shop.platform.events import Event
from shop.recommendations.models import CoPurchase
from shop.recommendations.tasks import count_co_purchases
from tests.client import Client
from tests.golden import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def products() -> list[int]:
    category = Category.objects.create(slug="furniture", name="Furniture")
    return [
        Product.objects.create(
            name=f"Product {number}", category=category, price_amount=100 * 2**number
        ).pk
        for number in range(6)
    ]


def bought_together(*product_ids: int) -> None:
    lines = [{"product_id": product_id, "quantity": 2} for product_id in product_ids]
    count_co_purchases(Event(uuid4(), "order.confirmed", timezone.now(), {"lines": lines}))


@pytest.mark.parametrize("case", cases("co_purchases")["orders"], ids=lambda case: case["name"])
def test_an_order_counts_each_pair(case: dict[str, Any]) -> None:
    ids = [line["product_id"] for line in case["lines"]]
    for number in (1, 2):
        bought_together(*ids)
        rows = CoPurchase.objects.values_list("product_id", "other_id", "count")
        pairs = Counter({(one, other): count for one, other, count in rows})
        assert pairs == {tuple(pair): number for pair in case["pairs"]}


def test_what_is_bought_together_is_recommended_first(anyone: Client, products: list[int]) -> None:
    first, second, third, *_ = products
    bought_together(first, third)
    bought_together(second, third)
    body = anyone.get(f"/products/{first}/recommendations").body
    assert body["next_cursor"] is None
    assert len(body["items"]) == 5
    assert body["items"][0] == {
        "id": second,
        "name": "Product 1",
        "price": {"amount": 200, "currency": "EUR"},
        "score": body["items"][0]["score"],
    }
    scores = [(-item["score"], item["id"]) for item in body["items"]]
    assert scores == sorted(scores)


def test_a_limit_is_kept(anyone: Client, products: list[int], settings: Settings) -> None:
    path = f"/products/{products[0]}/recommendations"
    assert len(anyone.get(path, limit=2).body["items"]) == 2
    settings.RECOMMENDATION_CANDIDATES = 1
    assert [item["id"] for item in anyone.get(path).body["items"]] == [products[1]]


def test_unknown_products(anyone: Client) -> None:
    for unknown in ("1", "x", "0"):
        answer = anyone.get(f"/products/{unknown}/recommendations")
        assert answer.problem() == (404, "not-found")
    answer = anyone.get("/products/1/recommendations", limit=21)
    assert answer.errors() == {"limit": "must be at most 20"}


def test_the_queries_do_not_grow_with_the_candidates(
    anyone: Client, products: list[int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bought_together(*products)
    with django_assert_num_queries(6):
        anyone.get(f"/products/{products[2]}/recommendations")
