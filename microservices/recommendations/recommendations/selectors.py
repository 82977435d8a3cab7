"""Reads. Statements are built once and kept: building one costs more than running it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from kit.db import AnyRow, Database
from kit.errors import NotFound
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select

from recommendations.domain import Counts, Product, candidates, ranking
from recommendations.models import CoPurchase
from recommendations.models import Product as Known

_IDS = bindparam("product_ids", type_=ARRAY(BigInteger))
_ATTRIBUTES = select(Known.id, Known.category, Known.price_amount, Known.tags, Known.name).where(
    Known.id == any_(_IDS)
)
# One row per product: popular ones were bought with tens of thousands of others, and a row for
# each pair costs eight times as much to read.
_COUNTS = (
    select(
        CoPurchase.product_id,
        func.array_agg(CoPurchase.other_id).label("others"),
        func.array_agg(CoPurchase.count).label("counts"),
    )
    .where(CoPurchase.product_id == any_(_IDS))
    .group_by(CoPurchase.product_id)
)
_SAME_CATEGORY = (
    select(Known.id)
    .where(Known.category == bindparam("category"))
    .order_by(Known.id)
    .limit(bindparam("rows"))
)
_FOLLOWING = _SAME_CATEGORY.where(Known.id > bindparam("product_id"))
_PRECEDING = _SAME_CATEGORY.where(Known.id < bindparam("product_id"))


@dataclass(frozen=True, slots=True)
class Recommendation:
    id: int
    name: str
    price_amount: int
    score: float


async def recommendation_list(
    database: Database, *, product_id: int, limit: int, size: int
) -> list[Recommendation]:
    """The best `limit` of `size` candidates."""
    if (subject := (await _attributes(database, [product_id])).get(product_id)) is None:
        raise NotFound
    own = (await _co_purchases(database, [product_id])).get(product_id, {})
    neighbours = await _category_neighbours(
        database, category=subject.category, product_id=product_id, limit=size
    )
    chosen = candidates(product_id, own, neighbours, size)
    found = await _attributes(database, chosen)
    scores = ranking(
        _product(subject),
        [_product(row) for row in found.values()],
        {**await _co_purchases(database, chosen), product_id: own},
        limit,
    )
    return [
        Recommendation(
            id=score.product_id,
            name=found[score.product_id].name,
            price_amount=found[score.product_id].price_amount,
            score=score.value,
        )
        for score in scores
    ]


async def _attributes(database: Database, product_ids: Collection[int]) -> dict[int, AnyRow]:
    rows = await database.rows(_ATTRIBUTES, product_ids=list(product_ids))
    return {row[0]: row for row in rows}


async def _co_purchases(database: Database, product_ids: Collection[int]) -> dict[int, Counts]:
    rows = await database.rows(_COUNTS, product_ids=list(product_ids))
    return {row.product_id: dict(zip(row.others, row.counts, strict=True)) for row in rows}


async def _category_neighbours(
    database: Database, *, category: str, product_id: int, limit: int
) -> Sequence[int]:
    """Other products of the category by id, from the product on and around."""
    here = {"category": category, "product_id": product_id}
    rows = await database.rows(_FOLLOWING, rows=limit, **here)
    if len(rows) < limit:
        rows = [*rows, *await database.rows(_PRECEDING, rows=limit - len(rows), **here)]
    return [row[0] for row in rows]


def _product(row: AnyRow) -> Product:
    return Product(row.id, row.category, row.price_amount, row.tags)
