"""Reads. Statements are built once and kept: building one costs more than running it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from kit.db import Database, Transaction
from kit.paging import Cursor
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Select,
    Text,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)

from catalog.domain import ORDERINGS, Sort
from catalog.models import Category, Product


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


class ProductSummary(NamedTuple):
    id: int
    name: str
    price_amount: int


_AFTER_TYPES: dict[str, Text | DateTime] = {
    "name": Text(),
    "created_at": DateTime(timezone=True),
}
_FILTERS = {
    "search": Product.search.bool_op("@@")(
        func.websearch_to_tsquery(literal_column("'english'"), bindparam("search", type_=Text()))
    ),
    "category": Product.category == bindparam("category"),
    "min_price": Product.price_amount >= bindparam("min_price"),
    "max_price": Product.price_amount <= bindparam("max_price"),
}
_DETAIL = select(*(getattr(Product, name) for name in ProductDetail._fields)).where(
    Product.id == bindparam("product_id")
)
_SUMMARIES = select(Product.id, Product.name, Product.price_amount).where(
    Product.id == any_(bindparam("product_ids", type_=ARRAY(BigInteger)))
)
# Counted category by category, off the index, rather than from a join of all products.
_COUNT = select(func.count()).where(Product.category == Category.slug).scalar_subquery()
_CATEGORIES = select(Category.slug, Category.name, _COUNT).order_by(Category.slug)
_CATEGORY = select(Category.slug).where(Category.slug == bindparam("slug"))


async def product_list(
    database: Database,
    *,
    sort: Sort,
    limit: int,
    filters: Mapping[str, Any],
    after: Cursor | None = None,
) -> list[ProductRow]:
    """One more than `limit`, if there are more; `filters` are search, category and prices."""
    values = {**filters, "rows": limit + 1}
    if after is not None:
        values |= {"after_value": after.value, "after_id": after.id}
    statement = _page(sort, frozenset(filters), after is not None)
    return [ProductRow._make(row) for row in await database.rows(statement, **values)]


@cache
def _page(sort: Sort, filters: frozenset[str], continued: bool) -> Select[Any]:
    ordering = ORDERINGS[sort]
    conditions = [condition for name, condition in _FILTERS.items() if name in filters]
    if continued:
        position = tuple_(getattr(Product, ordering.column), Product.id)
        # A comparison of rows is what the index on (column, id) answers by itself.
        after = tuple_(
            bindparam("after_value", type_=_AFTER_TYPES.get(ordering.column, BigInteger())),
            bindparam("after_id", type_=BigInteger()),
        )
        conditions.append(position < after if ordering.descending else position > after)
    keys: list[Any] = [getattr(Product, ordering.column), Product.id]
    if "search" in filters:
        # Ordered by the pair as one value, no index serves: the planner must not walk one until
        # enough words match. Where matches lie together at its end, it would read it all.
        keys = [tuple_(*keys)]
    return (
        select(*(getattr(Product, name) for name in ProductRow._fields))
        .where(*conditions)
        .order_by(*(key.desc() if ordering.descending else key for key in keys))
        .limit(bindparam("rows"))
    )


async def product_detail(database: Database, *, product_id: int) -> ProductDetail | None:
    row = await database.row(_DETAIL, product_id=product_id)
    return None if row is None else ProductDetail._make(row)


async def product_summaries(
    database: Database, *, product_ids: Collection[int]
) -> list[ProductSummary]:
    """Of those that exist."""
    rows = await database.rows(_SUMMARIES, product_ids=list(product_ids))
    return [ProductSummary._make(row) for row in rows]


async def category_list(database: Database) -> list[dict[str, Any]]:
    return [
        {"slug": slug, "name": name, "product_count": count}
        for slug, name, count in await database.rows(_CATEGORIES)
    ]


async def category_exists(session: Transaction, *, slug: str) -> bool:
    return await session.scalar(_CATEGORY, {"slug": slug}) is not None
