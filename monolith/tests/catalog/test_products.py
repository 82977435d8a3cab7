from typing import Any
from uuid import uuid4

import pytest
from pytest_django import DjangoAssertNumQueries

from shop.catalog.models import Category, Product
from shop.inventory import public as inventory
from shop.inventory.models import Stock
from tests.catalog.conftest import MakeProduct
from tests.client import Client

DESK = {
    "name": "Walnut desk",
    "category": "furniture",
    "price": {"amount": 1999, "currency": "EUR"},
}


@pytest.fixture
def _furniture(db: None) -> None:
    Category.objects.create(slug="furniture", name="Furniture")


def test_a_product_comes_with_what_can_be_sold(
    anyone: Client,
    make_product: MakeProduct,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_product(description="Solid.", tags=["wood", "new"], sold=2)
    Stock.objects.create(product_id=product.pk, on_hand=5)
    inventory.reserve(order_id=uuid4(), lines={product.pk: 2})
    with django_assert_num_queries(2):
        answer = anyone.get(f"/products/{product.pk}")
    assert answer.body == {
        "id": product.pk,
        "name": "Product 001",
        "description": "Solid.",
        "category": "furniture",
        "price": {"amount": 100, "currency": "EUR"},
        "tags": ["wood", "new"],
        "sold": 2,
        "available": 3,
        "created_at": "2026-01-02T00:00:00.000000Z",
        "updated_at": "2026-01-02T00:00:00.000000Z",
    }


def test_a_product_without_stock_has_none(anyone: Client, make_product: MakeProduct) -> None:
    assert anyone.get(f"/products/{make_product().pk}").body["available"] == 0


@pytest.mark.parametrize("unknown", ["1", "0", "abc", "1" * 40])
def test_unknown_products(anyone: Client, db: None, unknown: str) -> None:
    assert anyone.get(f"/products/{unknown}").problem() == (404, "not-found")


@pytest.mark.usefixtures("_furniture")
def test_staff_create_products(anyone: Client, staff: Client) -> None:
    answer = staff.post("/products", {**DESK, "tags": ["wood"]})
    assert answer.status == 201
    body: dict[str, Any] = answer.body
    assert answer.headers["location"] == f"/api/v1/products/{body['id']}"
    assert {**DESK, "description": "", "tags": ["wood"], "sold": 0, "available": 0}.items() <= (
        body.items()
    )
    assert body["created_at"] == body["updated_at"]
    assert anyone.get(f"/products/{body['id']}").body == body


@pytest.mark.usefixtures("_furniture")
def test_a_category_must_be_known(staff: Client) -> None:
    unknown = {"category": "is not known"}
    assert staff.post("/products", {**DESK, "category": "toys"}).errors() == unknown
    assert staff.patch("/products/1", {"category": "toys"}).errors() == unknown


def test_staff_change_any_part_of_a_product(
    anyone: Client, staff: Client, make_product: MakeProduct
) -> None:
    product = make_product(tags=["old"])
    make_product(category="kitchen")
    path = f"/products/{product.pk}"
    before = anyone.get(path).body
    changes: list[dict[str, Any]] = [
        {"name": "Another name"},
        {"description": "New."},
        {"price": {"amount": 0, "currency": "EUR"}},
        {"tags": []},
        {"category": "kitchen"},
        {},
    ]
    for change in changes:
        after = staff.patch(path, change)
        assert after.status == 200
        assert after.body["updated_at"] > before["updated_at"]
        before |= change
        before["updated_at"] = after.body["updated_at"]
        assert after.body == before
    assert anyone.get("/products", search="another").body["items"][0]["id"] == product.pk
    assert staff.patch("/products/0", {"name": "x"}).problem() == (404, "not-found")


def test_tags_default_to_a_list_of_their_own(staff: Client, make_product: MakeProduct) -> None:
    make_product()
    first = staff.post("/products", DESK).body["id"]
    Product.objects.filter(id=first).update(tags=["x"])
    assert staff.post("/products", DESK).body["tags"] == []


def test_categories_count_their_products(
    anyone: Client, make_product: MakeProduct, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for category in ("kitchen", "furniture", "kitchen"):
        make_product(category=category)
    Category.objects.create(slug="empty", name="Nothing")
    with django_assert_num_queries(1):
        answer = anyone.get("/categories")
    assert answer.body == {
        "items": [
            {"slug": "empty", "name": "Nothing", "product_count": 0},
            {"slug": "furniture", "name": "Furniture", "product_count": 1},
            {"slug": "kitchen", "name": "Kitchen", "product_count": 2},
        ],
        "next_cursor": None,
    }
