from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db.models import (
    BigIntegerField,
    Count,
    DateTimeField,
    F,
    Field,
    OrderBy,
    OuterRef,
    Q,
    Subquery,
    TextField,
)
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.db.models.functions import Coalesce

from shop.catalog.domain import ORDERINGS, ProductAttributes, ProductSummary, Sort
from shop.catalog.models import Category, Product
from shop.platform.compiled import Compiled, Parameter, any_of, integer, text
from shop.platform.paging import Cursor


class ProductRow(NamedTuple):
    id: int
    name: str
    category: str
    price_amount: int
    sold: int
    created_at: datetime


class ProductDetail(NamedTuple):
    id: int
    name: str
    description: str
    category: str
    price_amount: int
    tags: list[str]
    sold: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ListShape:
    """What of a list decides its SQL; the values come with each request."""

    sort: Sort
    limit: int
    continued: bool
    filters: frozenset[str]


_FILTERS: dict[str, Q] = {
    "search": Q(search=SearchQuery(text("search"), config="english", search_type="websearch")),
    "category": Q(category_id=text("category")),
    "min_price": Q(price_amount__gte=integer("min_price")),
    "max_price": Q(price_amount__lte=integer("max_price")),
}
_COLUMN_FIELDS: dict[str, "Field[Any, Any]"] = {
    "name": TextField(),
    "price_amount": BigIntegerField(),
    "created_at": DateTimeField(),
    "sold": BigIntegerField(),
}


def product_list(
    *, sort: Sort, limit: int, after: Cursor | None = None, **filters: str | int
) -> list[ProductRow]:
    """One more than `limit`, if there are more. Filters: search, category, min_price, max_price."""
    query = _list_query(ListShape(sort, limit, after is not None, frozenset(filters)))
    position = {"value": after.value, "id": after.id} if after else {}
    return [ProductRow._make(row) for row in query.rows(**filters, **position)]


@lru_cache(maxsize=256)
def _list_query(shape: ListShape) -> Compiled:
    products = Product.objects.filter(*(_FILTERS[name] for name in sorted(shape.filters)))
    ordering = ORDERINGS[shape.sort]
    column, position = ordering.column, (F(ordering.column), F("id"))
    if shape.continued:
        # A comparison of rows is what the index on (column, id) answers by itself.
        compare: Any = TupleLessThan if ordering.descending else TupleGreaterThan
        after = (Parameter("value", _COLUMN_FIELDS[column]), integer("id"))
        products = products.filter(compare(Tuple(*position), after))
    # Ordered by the pair as one value, no index serves: the planner must not walk one until enough
    # words match. Where matches lie together at its end, it would read it all.
    keys = [Tuple(*position)] if "search" in shape.filters else position
    products = products.order_by(*(OrderBy(key, descending=ordering.descending) for key in keys))
    columns = ("id", "name", "category_id", "price_amount", "sold", "created_at")
    return Compiled(products.values_list(*columns)[: shape.limit + 1])


def product_detail(*, product_id: int) -> ProductDetail | None:
    rows = _detail_query().rows(product_id=product_id)
    return ProductDetail._make(rows[0]) if rows else None


@cache
def _detail_query() -> Compiled:
    columns = ("category_id" if name == "category" else name for name in ProductDetail._fields)
    return Compiled(Product.objects.filter(id=integer("product_id")).values_list(*columns))


def category_list() -> list[Any]:
    # Counted category by category, off the index, rather than from a join of all products.
    products = Product.objects.filter(category=OuterRef("slug")).order_by()
    counts = products.values("category").annotate(rows=Count("*")).values("rows")
    return list(
        Category.objects.order_by("slug")
        .annotate(product_count=Coalesce(Subquery(counts), 0))
        .values("slug", "name", "product_count")
    )


def category_exists(*, slug: str) -> bool:
    return Category.objects.filter(slug=slug).exists()


def product_summaries(*, product_ids: Collection[int]) -> dict[int, ProductSummary]:
    rows = _summary_query().rows(product_ids=list(product_ids))
    return {product_id: ProductSummary(name, price) for product_id, name, price in rows}


@cache
def _summary_query() -> Compiled:
    products = Product.objects.filter(any_of("id", "product_ids"))
    return Compiled(products.values_list("id", "name", "price_amount"))


def product_attributes(*, product_ids: Collection[int]) -> dict[int, ProductAttributes]:
    rows = _attribute_query().rows(product_ids=list(product_ids))
    return {
        product_id: ProductAttributes(product_id, name, category, price, tuple(tags))
        for product_id, name, category, price, tags in rows
    }


@cache
def _attribute_query() -> Compiled:
    products = Product.objects.filter(any_of("id", "product_ids"))
    return Compiled(products.values_list("id", "name", "category_id", "price_amount", "tags"))


def category_neighbours(*, category: str, product_id: int, limit: int) -> Sequence[int]:
    """Other products of the category by id, from the product on and around."""
    position = {"category": category, "product_id": product_id}
    following = [row[0] for row in _neighbour_query("gt", limit).rows(**position)]
    if len(following) == limit:
        return following
    first = [row[0] for row in _neighbour_query("lt", limit).rows(**position)]
    return following + first[: limit - len(following)]


@lru_cache(maxsize=8)
def _neighbour_query(side: str, limit: int) -> Compiled:
    place = {f"id__{side}": integer("product_id")}
    products = Product.objects.filter(category_id=text("category"), **place)
    return Compiled(products.order_by("id").values_list("id")[:limit])
