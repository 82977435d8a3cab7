from uuid import uuid4

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from shop.catalog import public
from shop.catalog.models import Product
from shop.catalog.tasks import count_sold
from shop.platform.events import Event
from tests.catalog.conftest import MakeProduct


def test_summaries_of_the_known_in_one_query(
    make_product: MakeProduct, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    first, second = make_product().pk, make_product().pk
    with django_assert_num_queries(1):
        found = public.products_by_ids(product_ids=[second, first, 0])
    assert found == {
        first: public.ProductSummary("Product 001", 100),
        second: public.ProductSummary("Product 002", 200),
    }
    assert public.products_by_ids(product_ids=[]) == {}


def test_neighbours_start_after_the_product_and_wrap_around(make_product: MakeProduct) -> None:
    one, two, three, four = (make_product().pk for _ in range(4))
    make_product(category="kitchen")

    def neighbours(product_id: int, limit: int) -> list[int]:
        found = public.category_neighbours(category="furniture", product_id=product_id, limit=limit)
        return list(found)

    assert neighbours(two, 9) == [three, four, one]
    assert neighbours(two, 2) == [three, four]
    assert neighbours(four, 2) == [one, two]


def test_confirmed_orders_count_as_sold(make_product: MakeProduct) -> None:
    one, two = make_product(sold=1).pk, make_product().pk
    lines = [{"product_id": two, "quantity": 4}, {"product_id": one, "quantity": 2}]
    event = Event(uuid4(), "order.confirmed", timezone.now(), {"lines": lines})
    updated = dict(Product.objects.values_list("id", "updated_at"))
    count_sold(event)
    assert dict(Product.objects.values_list("id", "sold")) == {one: 3, two: 4}
    assert dict(Product.objects.values_list("id", "updated_at")) == updated
