"""Every order of the list is read off an index, however many products there are."""

from itertools import product
from typing import Any

import pytest
from httpx import AsyncClient
from kit.db import Database
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from catalog.domain import Sort
from catalog.selectors import _page

FILL = text("""
    INSERT INTO products (name, category, price_amount, sold, created_at)
    SELECT md5(n::text) || ' desk', CASE n % 2 WHEN 0 THEN 'desks' ELSE 'lamps' END,
        n * 7919 % 100000, n * 104729 % 1000,
        timestamptz '2026-01-01' + n * interval '1 minute'
    FROM generate_series(1, 20000) AS n
""")
VALUES: dict[str, Any] = {
    "name": "'m'",
    "price": "50000",
    "-price": "50000",
    "newest": "'2026-01-05Z'",
    "bestselling": "500",
}


@pytest.fixture(scope="module")
async def filled(running: AsyncClient, plans_database: Database) -> Database:
    async with plans_database.transaction() as session:
        await session.execute(text("TRUNCATE products, categories RESTART IDENTITY"))
        await session.execute(
            text("INSERT INTO categories VALUES ('desks', 'Desks'), ('lamps', 'Lamps')")
        )
        await session.execute(FILL)
        await session.execute(text("ANALYZE products"))
    return plans_database


@pytest.fixture(scope="module")
def plans_database(app: Any) -> Database:
    found: Database = app.state.database
    return found


async def plan(database: Database, sort: Sort, filters: set[str], *, continued: bool) -> str:
    statement = _page(sort, frozenset(filters), continued)
    sql = str(statement.compile(dialect=postgresql.dialect(paramstyle="named")))  # type: ignore[no-untyped-call]
    values = {
        ":rows": "21",
        ":category": "'desks'",
        ":search": "'desk'",
        ":after_value": VALUES[sort],
        ":after_id": "9000",
    }
    for name, value in values.items():
        sql = sql.replace(name, value)
    async with database.read() as session:
        lines = await session.scalars(text("EXPLAIN " + sql.replace(":", r"\:")))
        return "\n".join(lines)


@pytest.mark.parametrize(
    ("sort", "filters", "continued"),
    list(product(Sort, [set(), {"category"}], [False, True])),
    ids=str,
)
async def test_lists_walk_an_index(
    filled: Database, sort: Sort, filters: set[str], continued: bool
) -> None:
    found = await plan(filled, sort, filters, continued=continued)
    assert "Sort" not in found, found
    assert "Seq Scan" not in found, found
    if continued:
        assert "ROW(" in found.partition("Index Cond")[2], found


async def test_words_are_looked_up_even_where_walking_seems_cheap(filled: Database) -> None:
    found = await plan(filled, Sort.NAME, {"search"}, continued=False)
    assert "ix_products_name" not in found, found
