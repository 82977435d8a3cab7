"""The same cases, with what is known in the database."""

from typing import Any

import pytest
from kit.db import Database
from kit.errors import NotFound
from sqlalchemy import insert

from recommendations.models import CoPurchase, Product
from recommendations.selectors import recommendation_list
from tests.conftest import golden

CASES = golden("recommendations")


def reproducible(case: dict[str, Any]) -> bool:
    """One category, and no pair among the products: then all of them are the candidates."""
    products = [case["product"], *case["candidates"]]
    ids = {str(one["id"]) for one in products}
    paired = {other for others in case["co_purchases"].values() for other in others}
    return len({one["category"] for one in products}) == 1 and not ids & paired


SCORES = [case for case in CASES["scores"] if reproducible(case)]


async def know(
    database: Database, products: list[dict[str, Any]], pairs: list[tuple[int, int, int]]
) -> None:
    async with database.transaction() as session:
        for product in products:
            await session.execute(insert(Product).values(name=f"P{product['id']}", **product))
        for product_id, other_id, count in pairs:
            await session.execute(
                insert(CoPurchase).values(product_id=product_id, other_id=other_id, count=count)
            )


@pytest.mark.parametrize("case", CASES["candidates"], ids=lambda case: case["name"])
async def test_candidates(database: Database, case: dict[str, Any]) -> None:
    """All alike, so that every candidate scores: the set that is scored is the set chosen."""
    subject, limit = case["product_id"], case["limit"]
    together = {pair["product_id"]: pair["count"] for pair in case["co_purchases"]}
    elsewhere = (set(together) | {subject}) - set(case["category_ids"])
    products = [
        {"id": product_id, "category": category, "price_amount": 5, "tags": []}
        for category, ids in (("here", {*case["category_ids"], subject}), ("there", elsewhere))
        for product_id in ids - ({subject} if category == "there" else set())
    ]
    pairs = [(subject, other_id, count) for other_id, count in together.items()]
    await know(database, products, pairs)
    found = await recommendation_list(database, product_id=subject, limit=20, size=limit)
    assert {one.id for one in found} == set(case["candidates"])


@pytest.mark.parametrize("case", SCORES, ids=lambda case: case["name"])
async def test_items_show_name_and_price(database: Database, case: dict[str, Any]) -> None:
    subject = case["product"]
    products = {one["id"]: one for one in (subject, *case["candidates"])}
    pairs = [
        (int(product_id), int(other_id), count)
        for product_id, others in case["co_purchases"].items()
        for other_id, count in others.items()
    ]
    await know(database, list(products.values()), pairs)
    found = await recommendation_list(
        database, product_id=subject["id"], limit=case["limit"], size=200
    )
    assert [{"id": one.id, "score": one.score} for one in found] == case["items"]
    for one in found:
        assert one.name == f"P{one.id}"
        assert one.price_amount == products[one.id]["price_amount"]


async def test_bought_with_what_nobody_told_of(database: Database) -> None:
    alike = {"category": "here", "price_amount": 5, "tags": []}
    await know(database, [{"id": 1, **alike}, {"id": 2, **alike}], [(1, 77, 3)])
    found = await recommendation_list(database, product_id=1, limit=5, size=200)
    assert [one.id for one in found] == [2]


async def test_unknown_products(database: Database) -> None:
    with pytest.raises(NotFound):
        await recommendation_list(database, product_id=1, limit=5, size=200)
