from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from tests.catalog.conftest import MakeProduct
from tests.client import Client


def ids(anyone: Client, **query: Any) -> list[int]:
    answer = anyone.get("/products", **query)
    assert answer.status == 200
    return [item["id"] for item in answer.body["items"]]


def test_an_item_says_what_a_list_needs(anyone: Client, make_product: MakeProduct) -> None:
    product = make_product(name="Walnut desk", price_amount=1999, sold=3)
    assert anyone.get("/products").body == {
        "items": [
            {
                "id": product.pk,
                "name": "Walnut desk",
                "category": "furniture",
                "price": {"amount": 1999, "currency": "EUR"},
                "sold": 3,
                "created_at": "2026-01-02T00:00:00.000000Z",
            }
        ],
        "next_cursor": None,
    }


@pytest.mark.parametrize("sort", ["name", "price", "-price", "newest", "bestselling"])
def test_pages_follow_one_another_through_ties(
    anyone: Client, make_product: MakeProduct, sort: str
) -> None:
    moment = make_product().created_at
    for number in range(8):
        make_product(
            name="A" if number % 2 else "b",
            price_amount=number // 3,
            sold=number // 4,
            created_at=moment,
        )
    whole = anyone.get("/products", sort=sort, limit=100).body["items"]
    keys = {
        "name": lambda item: (item["name"], item["id"]),
        "price": lambda item: (item["price"]["amount"], item["id"]),
        "-price": lambda item: (-item["price"]["amount"], -item["id"]),
        "newest": lambda item: (item["created_at"], item["id"]),
        "bestselling": lambda item: (-item["sold"], -item["id"]),
    }
    assert whole == sorted(whole, key=keys[sort], reverse=sort == "newest")
    seen: list[dict[str, Any]] = []
    query: dict[str, Any] = {"sort": sort, "limit": 2}
    while True:
        page = anyone.get("/products", **query).body
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        assert len(page["items"]) == 2
        query["cursor"] = page["next_cursor"]
    assert seen == whole


def test_a_full_last_page_has_no_next(anyone: Client, make_product: MakeProduct) -> None:
    make_product()
    assert anyone.get("/products", limit=1).body["next_cursor"] is None


def test_filters_hold_together(anyone: Client, make_product: MakeProduct) -> None:
    cheap = make_product(name="Oak chair", price_amount=500)
    dear = make_product(name="Oak table", price_amount=5000)
    other = make_product(name="Oak spoon", price_amount=500, category="kitchen")
    assert ids(anyone, search="oak") == [cheap.pk, other.pk, dear.pk]
    assert ids(anyone, search="oak", category="furniture") == [cheap.pk, dear.pk]
    assert ids(anyone, search="oak", category="furniture", max_price=500) == [cheap.pk]
    assert ids(anyone, min_price=501) == [dear.pk]
    assert ids(anyone, min_price=500, max_price=500, sort="-price") == [other.pk, cheap.pk]
    assert ids(anyone, min_price=2, max_price=1) == []
    assert ids(anyone, category="nothing") == []


def test_a_search_understands_words(anyone: Client, make_product: MakeProduct) -> None:
    desks = make_product(name="Desks", description="of walnut")
    lamp = make_product(name="Lamp", description="for a desk")
    chair = make_product(name="Chair", description="to sit")
    assert ids(anyone, search="desk") == [desks.pk, lamp.pk]
    assert ids(anyone, search="desk -walnut") == [lamp.pk]
    assert ids(anyone, search="chair or walnut") == [chair.pk, desks.pk]
    assert ids(anyone, search='"desk of walnut"') == [desks.pk]
    for odd in ("the", "&|!():*", "'", "\\", "%", '"unclosed', "<->", " "):
        assert ids(anyone, search=odd) == []


def test_a_cursor_belongs_to_its_sort(anyone: Client, make_product: MakeProduct) -> None:
    make_product()
    make_product()
    cursor = anyone.get("/products", limit=1).body["next_cursor"]
    assert anyone.get("/products", sort="price", cursor=cursor).errors() == {
        "cursor": "is not valid"
    }
    assert anyone.get("/products", sort="?", cursor="?").errors().keys() == {"cursor", "sort"}


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_takes_one_query(
    anyone: Client,
    make_product: MakeProduct,
    django_assert_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for _ in range(count):
        make_product()
    with django_assert_num_queries(1):
        anyone.get("/products", limit=100)


@pytest.mark.parametrize("sort", ["name", "price", "-price", "newest", "bestselling"])
def test_the_next_page_is_read_from_an_index(
    anyone: Client, make_product: MakeProduct, sort: str
) -> None:
    for _ in range(3):
        make_product()
    cursor = anyone.get("/products", sort=sort, limit=1).body["next_cursor"]
    with connection.cursor() as sql:
        sql.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    statements: list[tuple[str, Any]] = []

    def keep(execute: Any, statement: str, parameters: Any, many: bool, context: Any) -> Any:
        statements.append((statement, parameters))
        return execute(statement, parameters, many, context)

    with connection.execute_wrapper(keep):
        anyone.get("/products", sort=sort, limit=1, cursor=cursor)
    ((statement, parameters),) = statements
    with connection.cursor() as sql:
        sql.execute(f"EXPLAIN {statement}", parameters)
        plan = "\n".join(row[0] for row in sql.fetchall())
    assert "Index Scan" in plan
    assert "Index Cond: (ROW(" in plan
    assert "Sort" not in plan
